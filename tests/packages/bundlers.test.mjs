// Applications that are bundled: a Workers project, workers, a program of Node.js, a page in a browser.

import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { findChromium } from "../runtimes/browse.mjs";
import { place } from "../runtimes/places.mjs";
import { addon, EXPECTED, empty, install, ISSUED, main, nodes, run, wasm } from "./installing.mjs";

// Not the one that wrangler brings along.
const { Miniflare } = createRequire(place("tests/package.json"))("miniflare");

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
  if (!executablePath) {
    if (process.env.SKIPS) appendFileSync(process.env.SKIPS, "packages: no browser on this machine\n");
    return t.skip("no browser on this machine");
  }
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
