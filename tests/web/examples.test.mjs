// The servers of examples/servers, copied elsewhere, started as their page says, and asked over HTTP.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { place } from "../runtimes/places.mjs";
import { bun, deno } from "./servers.mjs";

const node = process.execPath;
const next = "../node_modules/next/dist/bin/next";
const current = Number(process.versions.node.split(".")[0]) > 20;

let home;

// As after `npm install`: the frameworks, and our packages as they are packed. Files are linked, since a bundler takes nothing
// from outside of the folder with the lock.
before(() => {
  mkdirSync(place(".build/web"), { recursive: true });
  home = mkdtempSync(place(".build/web/servers-"));
  execFileSync("cp", ["-al", place("tests/web/node_modules"), home]);
  cpSync(place("tests/web/package-lock.json"), join(home, "package-lock.json"));
  for (const [folder, name] of [
    ["node", "tokenward"],
    ["wasm", "tokenward-wasm"],
  ]) {
    const packed = execFileSync("npm", ["pack", place(folder), "--silent"], { cwd: home, encoding: "utf8" }).trim();
    const target = join(home, "node_modules", name);
    rmSync(target);
    mkdirSync(target);
    execFileSync("tar", ["-xzf", packed, "--strip-components=1", "-C", target], { cwd: home });
  }
});

after(() => rmSync(home, { recursive: true, force: true }));

/** A copy of the examples with a store of its own. */
function copied() {
  const folder = mkdtempSync(join(home, "copy-"));
  cpSync(place("examples/servers"), folder, { recursive: true });
  return { folder, ...JSON.parse(execFileSync(node, ["setup.js"], { cwd: folder, encoding: "utf8" })) };
}

/** Starts a server, and waits until it says where it is. */
async function started(t, folder, [program, ...words], env = {}) {
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  const ended = once(child, "exit");
  t.after(() => {
    child.kill();
    return ended;
  });
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
        const address = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)(?=\D)/.exec(said);
        if (address !== null) resolve(`http://127.0.0.1:${address[1]}`);
      });
    }
    ended.then(([code]) => reject(new Error(`${words.join(" ")} ended with ${code}: ${said}`)));
  });
}

async function ask(address, path, token, options = {}) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${address}${path}`, { ...options, headers, signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  const json = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    body: json ? JSON.parse(text) : text,
  };
}

/** What every one of them answers. */
async function check(address, { viewer, one }) {
  assert.deepEqual(await ask(address, "/health"), { status: 200, challenge: null, body: "ok" });
  const nobody = await ask(address, "/projects/one");
  assert.deepEqual([nobody.status, nobody.challenge], [401, 'Bearer realm="default"']);
  assert.equal(nobody.body.code, "no_credential");
  assert.deepEqual((await ask(address, "/projects/two", viewer)).body, { project: "two", reader: "token:viewer" });
  assert.deepEqual((await ask(address, "/projects/one", one)).body, { project: "one", reader: "token:one" });
  assert.equal((await ask(address, "/me", viewer)).body.principal, "token:viewer");
  // Of another project, and not a path of this token: the latter binds where no permission is asked for, too.
  for (const path of ["/projects/two", "/me"]) {
    const denied = await ask(address, path, one);
    assert.deepEqual([denied.status, denied.body.code], [403, "insufficient_scope"], path);
  }
}

/** The holder of a token revokes it, and it is refused at once. */
async function checkRevocation(address, { viewer }) {
  const body = new URLSearchParams({ token: viewer });
  assert.equal((await ask(address, "/oauth/revoke", undefined, { method: "POST", body })).status, 200);
  const refused = await ask(address, "/projects/two", viewer);
  assert.deepEqual([refused.status, refused.body.code], [401, "invalid_token"]);
}

for (const name of ["express", "fastify", "hono"]) {
  test(`examples/servers/${name}`, async (t) => {
    const { folder, ...tokens } = copied();
    const address = await started(t, folder, [node, `${name}/server.js`]);
    await check(address, tokens);
    await checkRevocation(address, tokens);
  });
}

test("examples/servers/next", async (t) => {
  const { folder, ...tokens } = copied();
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  execFileSync(node, [next, "build", "next"], { cwd: folder, env, stdio: "pipe", timeout: 120_000 });
  const address = await started(t, folder, [node, next, "start", "next", "-H", "127.0.0.1", "-p", "0"]);
  await check(address, tokens);
  await checkRevocation(address, tokens);
});

// Runtimes of their own need to be asked once, not by every version of Node.
if (current) {
  const runtimes = {
    deno: [
      deno[0],
      "serve",
      "--allow-env",
      "--allow-net",
      "--allow-read",
      "--host",
      "127.0.0.1",
      "--port",
      "0",
      "fetch/server.js",
    ],
    bun: [bun[0], "fetch/server.js"],
  };
  for (const [name, command] of Object.entries(runtimes)) {
    test(`examples/servers/fetch on ${name}`, async (t) => {
      const { folder, ...tokens } = copied();
      const publications = await handingOut(t, folder);
      const at = (path) => ({ TOKENS_URL: publications + path, DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1" });
      await check(await started(t, folder, command, at("published/")), tokens);
      const { status, body } = await ask(await started(t, folder, command, at("nothing/")), "/me", tokens.viewer);
      assert.deepEqual([status, body.code], [503, "unavailable"]);
    });
  }
}

test("the examples name the versions that they are tested with", () => {
  const read = (path) => JSON.parse(readFileSync(place(path), "utf8"));
  const { dependencies, devDependencies } = read("tests/web/package.json");
  const tested = { ...dependencies, ...devDependencies };
  for (const [name, version] of Object.entries(read("examples/servers/package.json").dependencies)) {
    assert.equal(version, tested[name], name);
  }
});

/** A web server for the files of a folder. */
async function handingOut(t, folder) {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, new URL(request.url, "http://127.0.0.1").pathname)));
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}
