// The JavaScript of the pages, run as it stands there.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Authority } from "tokenward";

const root = fileURLToPath(new URL("../../", import.meta.url));
const home = process.cwd();
const folders = [];
let modules = 0;

/** A folder of its own for each test, in which packages are found as in an application. */
function enter() {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-readme-"));
  folders.push(folder);
  symlinkSync(join(root, "tests/node_modules"), join(folder, "node_modules"), "dir");
  process.chdir(folder);
}

function blocks(page) {
  const found = readFileSync(join(root, page), "utf8").matchAll(/^```js\n(.*?)^```$/gms);
  return Array.from(found, ([, text]) => text);
}

/** Imports a block as a module; twice gives two modules. */
function load(text) {
  modules += 1;
  const file = join(process.cwd(), `block${modules}.mjs`);
  writeFileSync(file, text);
  return import(pathToFileURL(file));
}

const environment = (snapshot) => ({
  TOKENS: {
    async get(key, type) {
      assert.deepEqual([key, type], ["snapshot", "arrayBuffer"]);
      return snapshot;
    },
  },
});

async function ask(worker, environment, token, path = "/v1/systems/dev") {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await worker.default.fetch(new Request(`https://worker.invalid${path}`, { headers }), environment);
  return [response.status, response.headers.get("www-authenticate") ?? (await response.text())];
}

/** What a token that was issued by the story is shown as. */
async function printed(t, text) {
  const log = t.mock.method(console, "log", () => undefined);
  const module = await load(text);
  log.mock.restore();
  assert.equal(log.mock.callCount(), 1);
  return { module, token: log.mock.calls[0].arguments[0] };
}

before(() =>
  assert.equal(blocks("README.md").length + blocks("node/README.md").length + blocks("wasm/README.md").length, 5),
);

after(() => {
  process.chdir(home);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test("README.md: the story in Node, then in a worker", async (t) => {
  enter();
  const [story, worker] = blocks("README.md");
  const { module, token } = await printed(t, story);
  const authorization = `Bearer ${token}`;
  assert.deepEqual(module.updateDev({ authorization }, "/v1/systems/dev"), [200, { "X-Principal": "token:ci/deploy" }]);
  assert.equal(module.updateDev({ authorization }, "/v1/stacks/dev")[0], 403);
  assert.deepEqual(module.updateDev({}, "/v1/systems/dev"), [401, { "WWW-Authenticate": 'Bearer realm="styra-das"' }]);

  const authority = await Authority.open("sqlite:tokens.db");
  const first = environment(await authority.snapshot());
  const loaded = await load(worker);
  assert.deepEqual(await ask(loaded, first, token), [200, "hello token:ci/deploy"]);
  assert.deepEqual(await ask(loaded, first), [401, 'Bearer realm="styra-das"']);
  assert.equal((await ask(loaded, first, token, "/v1/stacks"))[0], 403);

  await (await authority.session("workspace:hooli", "user:ruchita")).revoke("ci/deploy");
  const second = environment(await authority.snapshot());
  const denied = [401, 'Bearer realm="styra-das", error="invalid_token"'];
  assert.deepEqual(await ask(await load(worker), second, token), denied);
  await authority.close();
});

test("node/README.md", async (t) => {
  enter();
  const [story] = blocks("node/README.md");
  const { token } = await printed(t, story);
  assert.match(token, /^styra_[0-9A-Za-z]{50}$/);
});

test("wasm/README.md", async () => {
  enter();
  const [worker, story] = blocks("wasm/README.md");
  const authority = await Authority.open("memory:", { policy: "styra-das" });
  await authority.createRealm("workspace:hooli", { administrator: "user:ruchita" });
  const ruchita = await authority.session("workspace:hooli", "user:ruchita");
  const { token } = await ruchita.issue({ name: "ci/deploy", paths: ["^/v1/systems/"] });
  await ruchita.bind("SystemOwner", { at: "workspace:hooli/system:dev", subjects: ["token:ci/deploy"] });
  const objects = new Map();
  await authority.publish({
    get: async (name) => objects.get(name),
    put: async (name, content) => void objects.set(name, content),
    delete: async (name) => void objects.delete(name),
  });
  const environment = { TOKENS: { get: async (name) => objects.get(name) ?? null } };
  const loaded = await load(worker);
  assert.deepEqual(await ask(loaded, environment, token), [200, "hello token:ci/deploy"]);
  assert.equal((await ask(loaded, environment, token, "/v1/stacks"))[0], 403);
  await load(story);
});
