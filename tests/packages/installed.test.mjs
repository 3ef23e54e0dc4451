// The packages as they are published, installed into empty folders and used there: by every Python and Node.js that this machine
// and npm have, by bundlers, and by a user who checks types.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { extname, join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { findChromium } from "../runtimes/browse.mjs";
import { currentNode, place } from "../runtimes/places.mjs";
import { host } from "./targets.mjs";

// Not the one that wrangler brings along.
const { Miniflare } = createRequire(place("tests/package.json"))("miniflare");

const packages = place(".build/packages");
const packed = (folder, part) => {
  const found = readdirSync(join(packages, folder)).filter((name) => part.test(name));
  assert.equal(found.length, 1, `${part} in ${folder}: ${found}`);
  return join(packages, folder, found[0]);
};
const arch = process.arch === "x64" ? "x86_64" : "aarch64";
const wheel = packed("python", new RegExp(`${host.endsWith("musl") ? "musllinux" : "manylinux"}.*_${arch}\\.whl$`));
const main = packed("npm", /^tokenward-\d/);
const wasm = packed("npm", /^tokenward-wasm-/);
const addon = packed("npm", new RegExp(`^tokenward-${host}-`));

let home;
before(() => {
  home = mkdtempSync(join(tmpdir(), "tokenward-packages-"));
});
after(() => rmSync(home, { recursive: true, force: true }));

/** An empty folder. Nothing above it belongs to this repository. */
function empty(name) {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
}

function run(cwd, program, words, options = {}) {
  try {
    return execFileSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
  } catch (error) {
    throw new Error(`${program} ${words.join(" ")}: ${error.stdout}\n${error.stderr}`);
  }
}

// ---- Python --------------------------------------------------------------------------------------------------------------

/** Every interpreter from 3.10 on: those on the path, and those that pyenv keeps. */
function pythons() {
  const kept = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  const own = existsSync(kept) ? readdirSync(kept).map((version) => join(kept, version, "bin/python3")) : [];
  const named = Array.from({ length: 10 }, (_, index) => `python3.${index + 10}`);
  const found = new Map();
  for (const program of [...own, ...named, "python3"]) {
    try {
      const asked = ["-c", "import sys; print(*sys.version_info[:2], sys.implementation.name)"];
      const [major, minor, kind] = run(home, program, asked).trim().split(" ");
      const version = `${major}.${minor}`;
      if (kind === "cpython" && major === "3" && Number(minor) >= 10 && !found.has(version))
        found.set(version, program);
    } catch {
      // No such interpreter here.
    }
  }
  return found;
}

const STORY = `
import sys
from importlib.metadata import version
from tokenward import Authority, NotFoundError

with Authority.open("sqlite:tokens.db", policy="styra-das") as authority:
    authority.create_realm("workspace:hooli", administrator="user:ruchita")
    ruchita = authority.session("workspace:hooli", "user:ruchita")
    issued = ruchita.issue("ci/deploy", paths=["^/v1/systems/"], lifetime_days=30)
    ruchita.bind("SystemOwner", at="workspace:hooli/system:dev", subjects=["token:ci/deploy"])
    write = authority.guard("system-write", "workspace:hooli/system:{system}")
    assert write.authorize(issued.token, "/v1/systems/dev", system="dev")
    assert write.authorize(issued.token, "/v1/systems/dev", system="prod").reason == "permission_missing"
    try:
        ruchita.revoke("nothing")
    except NotFoundError as error:
        print(error.code, version("tokenward"), "site-packages" in sys.modules["tokenward"].__file__)
`;

function environment(name, python) {
  const folder = empty(name);
  run(folder, python, ["-m", "venv", "env"]);
  const program = join(folder, "env/bin/python");
  const pip = (...words) => run(folder, program, ["-m", "pip", "--disable-pip-version-check", "--quiet", ...words]);
  return { folder, program, pip };
}

function tellStory({ folder, program }) {
  writeFileSync(join(folder, "story.py"), STORY);
  const [code, version, installed] = run(folder, program, ["-I", "story.py"]).trim().split(" ");
  assert.deepEqual([code, installed], ["token_not_found", "True"]);
  const command = run(folder, join(folder, "env/bin/tokenward"), ["--version"]).trim();
  assert.equal(command, `tokenward ${version}`);
  const listed = run(folder, join(folder, "env/bin/tokenward"), ["token", "list", "--store", "sqlite:tokens.db"]);
  assert.match(listed, /ci\/deploy/);
}

test("one wheel, in every Python there is", async (t) => {
  const found = pythons();
  assert.ok(found.size > 0);
  for (const [version, python] of found) {
    await t.test(`Python ${version}`, () => {
      const there = environment(`python-${version}`, python);
      there.pip("install", "--no-index", wheel);
      assert.equal(
        run(there.folder, there.program, ["-m", "pip", "freeze"]).trim().split("\n").length,
        1,
        "no dependencies",
      );
      tellStory(there);
    });
  }
});

test("the source distribution builds where Rust is", () => {
  const there = environment("python-source", place(".venv/bin/python"));
  // What was compiled before need not be compiled again.
  const env = { ...process.env, CARGO_TARGET_DIR: place("target") };
  const words = ["-m", "pip", "--disable-pip-version-check", "--quiet", "install", packed("python", /\.tar\.gz$/)];
  run(there.folder, there.program, words, { env });
  tellStory(there);
});

test("a strict type checker understands a user's file", () => {
  const there = environment("python-types", place(".venv/bin/python"));
  there.pip("install", "--no-index", wheel);
  const file = join(there.folder, "app.py");
  const right = `
from tokenward import Authority, Decision, Reason

def decide(authority: Authority, token: str) -> Reason:
    decision: Decision = authority.authorize(token, "item-read", "organization:acme/project:web/item:1", path="/items/1")
    return decision.reason
`;
  const check = () =>
    run(there.folder, place(".venv/bin/mypy"), ["--strict", "--python-executable", there.program, file]);
  writeFileSync(file, right);
  check();
  writeFileSync(file, right.replace("-> Reason", "-> int").replace("path=", "paht="));
  assert.throws(
    check,
    (error) => /Unexpected keyword argument "paht"/.test(error.message) && /"int"/.test(error.message),
  );
});

// ---- Node.js -------------------------------------------------------------------------------------------------------------

const nodes = {
  20: process.env.SYSTEM_NODE ?? process.execPath,
  22: place("tests/packages/node_modules/node22/bin/node"),
  24: place("tests/packages/node_modules/node24/bin/node"),
  26: currentNode,
};

function install(folder, ...files) {
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  // The addons of other platforms are not there to be asked for.
  const words = ["install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--silent"];
  run(folder, "npm", [...words, ...files]);
}

const ISSUED = `
import { Authority, engine, NotFoundError, Verifier } from "tokenward";

const authority = await Authority.open(process.argv[2], { policy: "styra-das" });
await authority.createRealm("workspace:hooli", { administrator: "user:ruchita" });
const ruchita = await authority.session("workspace:hooli", "user:ruchita");
const { token } = await ruchita.issue({ name: "ci/deploy", paths: ["^/v1/systems/"] });
await ruchita.bind("SystemOwner", { at: "workspace:hooli/system:dev", subjects: ["token:ci/deploy"] });
const write = authority.guard("system-write", "workspace:hooli/system:{system}");
const decided = ["dev", "prod"].map((system) => write.authorize(token, { path: "/v1/systems/x", params: { system } }).reason);
const verified = Verifier.load(await authority.snapshot()).authenticate(token).tokenName;
const missing = await ruchita.revoke("nothing").catch((error) => [error.code, error instanceof NotFoundError]);
await authority.close();
console.log(JSON.stringify({ engine, decided, verified, missing }));
`;
const EXPECTED = {
  decided: ["allowed", "permission_missing"],
  verified: "ci/deploy",
  missing: ["token_not_found", true],
};

test("npm packages have no scripts, and the main one names every platform", () => {
  for (const file of readdirSync(join(packages, "npm"))) {
    const manifest = JSON.parse(run(home, "tar", ["-xzOf", join(packages, "npm", file), "package/package.json"]));
    assert.equal(manifest.scripts, undefined, file);
    assert.equal(manifest.dependencies, undefined, file);
    if (manifest.name === "tokenward") {
      assert.equal(manifest.optionalDependencies[`@tokenward/${host}`], manifest.version);
      assert.ok(Object.values(manifest.optionalDependencies).every((version) => version === manifest.version));
    }
  }
});

test("the npm package with the addon of this platform, in every Node.js", async (t) => {
  const folder = empty("node");
  install(folder, main, addon);
  writeFileSync(join(folder, "app.js"), ISSUED);
  writeFileSync(join(folder, "app.cjs"), 'console.log(typeof require("tokenward").Authority.open);');
  for (const [version, node] of Object.entries(nodes)) {
    await t.test(`Node.js ${version}`, () => {
      assert.match(run(folder, node, ["--version"]), new RegExp(`^v${version}\\.`));
      assert.deepEqual(JSON.parse(run(folder, node, ["app.js", `sqlite:tokens-${version}.db`])), {
        engine: "native",
        ...EXPECTED,
      });
      assert.equal(run(folder, node, ["--no-warnings", "app.cjs"]), "function\n");
    });
  }
  assert.match(run(folder, "npx", ["tokenward", "token", "list", "--store", "sqlite:tokens-20.db"]), /ci\/deploy/);
});

test("where no addon fits, the module decides, and says what is not there", () => {
  const folder = empty("fallback");
  install(folder, main);
  writeFileSync(join(folder, "app.js"), ISSUED);
  for (const node of Object.values(nodes)) {
    assert.deepEqual(JSON.parse(run(folder, node, ["app.js", "memory:"])), { engine: "wasm", ...EXPECTED });
  }
  writeFileSync(
    join(folder, "refused.js"),
    `import { Authority, InputError, readExport } from "tokenward";
    const code = (error) => [error.code, error.place, error instanceof InputError, /no native addon/.test(error.message)];
    console.log(JSON.stringify([
      await Authority.open("sqlite:tokens.db").catch(code),
      (() => { try { readExport("knox", "[]"); } catch (error) { return code(error); } })(),
    ]));`,
  );
  assert.deepEqual(JSON.parse(run(folder, nodes[26], ["refused.js"])), [
    ["store_unknown", "store", true, true],
    ["operation_unknown", "", true, true],
  ]);
  assert.throws(() => run(folder, "npx", ["tokenward", "realm", "list"]), /no native addon/);
});

test("a strict type checker understands a user's TypeScript, as a module and as CommonJS", () => {
  const folder = empty("types");
  install(folder, main, wasm);
  const options = {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["app.*"] }));
  const right = `import { Authority, type Reason } from "tokenward";
import { Verifier } from "tokenward-wasm";
export async function decide(token: string): Promise<Reason> {
  const authority = await Authority.open("memory:", { policy: "default" });
  const verifier = Verifier.load(await authority.snapshot(), { maxAgeSeconds: 60 });
  return verifier.authorize(token, "item-read", "organization:acme/project:web/item:1", { path: "/" }).reason;
}
`;
  const check = () => run(folder, place("tests/node_modules/.bin/tsc"), ["-p", folder]);
  for (const name of ["app.mts", "app.cts"]) writeFileSync(join(folder, name), right);
  check();
  writeFileSync(join(folder, "app.mts"), right.replace("maxAgeSeconds", "maxAge").replace('"memory:"', "7"));
  assert.throws(check, /maxAge[\s\S]*number|number[\s\S]*maxAge/);
});

// ---- bundlers ------------------------------------------------------------------------------------------------------------

/** A snapshot in which a token may read items of one project. */
async function published() {
  const { Authority } = await import("tokenward");
  const authority = await Authority.open("memory:", { policy: "default" });
  await authority.createRealm("organization:acme", { administrator: "user:alice" });
  const alice = await authority.session("organization:acme", "user:alice");
  const { token } = await alice.issue({ name: "ci", roles: ["Viewer"] });
  return { token, snapshot: await authority.snapshot() };
}

const WORKER = `
import { Verifier } from "tokenward-wasm";
let verifier;
export default {
  async fetch(request, env) {
    verifier ??= Verifier.load(await env.TOKENS.get("snapshot", "arrayBuffer"));
    const resource = "organization:acme/project:web/item:1";
    return new Response(verifier.authorize(request.headers.get("authorization"), "item-read", resource).reason);
  },
};
`;

/** Runs a bundle in workerd, and asks it. */
async function askWorker(folder, script) {
  const modules = readdirSync(folder)
    .filter((name) => /\.(js|wasm)$/.test(name))
    .sort((name) => (name === script ? -1 : 1))
    .map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: join(folder, name),
      contents: readFileSync(join(folder, name)),
    }));
  const options = { modules, modulesRoot: folder, compatibilityDate: "2026-06-01", kvNamespaces: ["TOKENS"] };
  const worker = new Miniflare({ ...options, host: "127.0.0.1", port: 0 });
  try {
    const { token, snapshot } = await published();
    await (await worker.getKVNamespace("TOKENS")).put("snapshot", snapshot);
    const url = await worker.ready;
    const ask = async (headers) => (await fetch(url, { headers })).text();
    assert.equal(await ask({ authorization: `Bearer ${token}` }), "allowed");
    assert.equal(await ask({}), "no_credential");
  } finally {
    await worker.dispose();
  }
}

test("a Workers project, bundled by wrangler", async () => {
  const folder = empty("wrangler");
  install(folder, wasm);
  writeFileSync(join(folder, "worker.js"), WORKER);
  const config = { name: "tokens", main: "worker.js", compatibility_date: "2026-06-01" };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
  const wrangler = place("tests/packages/node_modules/wrangler/bin/wrangler.js");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true", WRANGLER_LOG_PATH: join(folder, "log") };
  run(folder, nodes[26], [wrangler, "deploy", "--dry-run", "--outdir", "out"], { env });
  await askWorker(join(folder, "out"), "worker.js");
});

test("a worker, bundled by esbuild", async () => {
  const folder = empty("esbuild");
  install(folder, wasm);
  writeFileSync(join(folder, "worker.js"), WORKER);
  const esbuild = place("tests/node_modules/.bin/esbuild");
  const words = [
    "worker.js",
    "--bundle",
    "--format=esm",
    "--conditions=workerd",
    "--loader:.wasm=copy",
    "--outdir=out",
  ];
  run(folder, esbuild, words);
  await askWorker(join(folder, "out"), "worker.js");
});

test("an application of Node.js, bundled by esbuild", () => {
  const folder = empty("esbuild-node");
  install(folder, main, addon);
  writeFileSync(join(folder, "app.js"), ISSUED);
  const words = [
    "app.js",
    "--bundle",
    "--format=esm",
    "--platform=node",
    "--packages=external",
    "--outfile=out/app.js",
  ];
  run(folder, place("tests/node_modules/.bin/esbuild"), words);
  const answer = JSON.parse(run(folder, nodes[26], ["out/app.js", "memory:"]));
  assert.deepEqual(answer, { engine: "native", ...EXPECTED });
});

test("a page, bundled by Vite, in a browser", async (t) => {
  const executablePath = findChromium();
  if (!executablePath) return t.skip("chromium: no browser on this machine");
  const folder = empty("vite");
  install(folder, wasm);
  writeFileSync(
    join(folder, "index.html"),
    '<!doctype html><title>tokens</title><script type="module" src="/app.js"></script>',
  );
  writeFileSync(
    join(folder, "app.js"),
    `import { Verifier } from "tokenward-wasm";
    const verifier = Verifier.load(await (await fetch("/snapshot")).arrayBuffer());
    window.decide = (token) => verifier.authorize(token, "item-read", "organization:acme/project:web/item:1").reason;`,
  );
  run(folder, nodes[26], [place("tests/packages/node_modules/vite/bin/vite.js"), "build", "--target", "es2022"]);
  const { token, snapshot } = await published();
  writeFileSync(join(folder, "dist/snapshot"), snapshot);
  const kinds = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer((request, response) => {
    const path = join(folder, "dist", request.url === "/" ? "index.html" : request.url);
    if (!existsSync(path)) return response.writeHead(404).end();
    response
      .writeHead(200, { "content-type": kinds[extname(path)] ?? "application/octet-stream" })
      .end(readFileSync(path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction("window.decide", null, { timeout: 20_000 });
    const decide = (credential) => page.evaluate(`window.decide(${JSON.stringify(credential)})`);
    assert.equal(await decide(token), "allowed");
    assert.equal(await decide(`${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`), "token_malformed");
  } finally {
    await browser.close();
    server.close();
  }
});

// ---- crates --------------------------------------------------------------------------------------------------------------

test("crates carry what they need and nothing else", () => {
  for (const name of ["tokenward", "tokenward-host", "tokenward-cli"]) {
    const crate = packed("crates", new RegExp(`^${name}-\\d`));
    const files = run(home, "tar", ["-tzf", crate])
      .trim()
      .split("\n")
      .map((path) => path.replace(/^[^/]+\//, ""));
    for (const needed of ["Cargo.toml", "README.md", "src/lib.rs"]) {
      assert.ok(
        files.includes(needed) || (needed === "README.md" && files.some((path) => path.endsWith(".md"))),
        `${name}: ${needed}`,
      );
    }
    assert.deepEqual(
      files.filter((path) => /(^|\/)(node_modules|target|dist)\//.test(path)),
      [],
    );
    const manifest = run(home, "tar", ["-xzOf", crate, "--wildcards", "*/Cargo.toml"]);
    for (const field of ["description", "license", "readme", "keywords", "categories", "rust-version"]) {
      assert.match(manifest, new RegExp(`^${field} = `, "m"), `${name}: ${field}`);
    }
  }
});
