// The workers of docs/tutorial/edge.md, run in workerd.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { Authority } from "tokenward";
import { place } from "../runtimes/places.mjs";
import { ask, start, worker } from "./workers.mjs";

const REALM = "organization:acme";
const page = readFileSync(place("docs/tutorial/edge.md"), "utf8");
const [pulling, given, issuing] = Array.from(page.matchAll(/^```js\n(.*?)^```$/gms), ([, text]) => text);

/** A block of the page as a worker. */
function shown(name, text, options) {
  mkdirSync(place("tests/edge/.docs"), { recursive: true });
  writeFileSync(place(`tests/edge/.docs/${name}.mjs`), text);
  return worker(`docs-${name}`, `tests/edge/.docs/${name}.mjs`, options);
}

async function founded(t) {
  const authority = await Authority.open("memory:", { policy: "default" });
  t.after(() => authority.close());
  await authority.createRealm(REALM, { administrator: "user:alice" });
  const alice = await authority.session(REALM, "user:alice");
  const { token } = await alice.issue({ name: "ci/deploy", roles: ["Viewer"], paths: ["^/projects/"] });
  return { authority, alice, headers: { authorization: `Bearer ${token}` } };
}

/** A folder behind a web server. */
async function folder(t) {
  const objects = new Map();
  const server = createServer((request, response) => {
    const found = objects.get(request.url.slice(1));
    response.writeHead(found ? 200 : 404).end(found);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const target = {
    get: async (name) => objects.get(name),
    put: async (name, content) => void objects.set(name, content),
    delete: async (name) => void objects.delete(name),
  };
  return { target, url: `http://127.0.0.1:${server.address().port}/` };
}

test("a worker that pulls", async (t) => {
  const { authority, alice, headers } = await founded(t);
  const { target, url: TOKENS_URL } = await folder(t);
  await authority.publish(target);
  const { url } = await start(t, await shown("pulling", pulling, { bindings: { TOKENS_URL } }));
  const at = (path, options) => ask(new URL(path, url), options);
  const allowed = await at("/projects/web", { headers });
  assert.deepEqual([allowed.status, await allowed.text()], [200, "hello token:ci/deploy"]);
  const missing = await at("/projects/web");
  assert.deepEqual([missing.status, missing.headers.get("www-authenticate")], [401, 'Bearer realm="default"']);
  assert.equal((await at("/elsewhere", { headers })).status, 404);

  await alice.revoke("ci/deploy");
  await authority.publish(target);
  const later = await start(t, await shown("pulling", pulling, { bindings: { TOKENS_URL } }));
  assert.equal((await ask(new URL("/projects/web", later.url), { headers })).status, 401);
});

test("a worker that is given a snapshot", async (t) => {
  const { authority, headers } = await founded(t);
  const { url, miniflare } = await start(t, await shown("given", given, { kvNamespaces: ["TOKENS"] }));
  await (await miniflare.getKVNamespace("TOKENS")).put("snapshot", await authority.snapshot());
  const allowed = await ask(url, { headers });
  assert.deepEqual([allowed.status, await allowed.text()], [200, "token:ci/deploy"]);
  assert.equal((await ask(url)).status, 401);
});

test("a Durable Object that issues", async (t) => {
  const options = {
    bindings: { SETUP: "a secret of this test" },
    durableObjects: { AUTHORITY: { className: "Tokens", useSQLite: true } },
  };
  const { url } = await start(t, await shown("issuing", issuing, options));
  const post = async (headers, body = {}) => {
    const response = await ask(url, { method: "POST", headers, body: JSON.stringify(body) });
    return [response.status, await response.json()];
  };
  const [, { token: owner }] = await post({ "x-setup": "a secret of this test" });
  const bearer = { authorization: `Bearer ${owner}` };
  const [status, { token }] = await post(bearer, { name: "ci", roles: ["Viewer"] });
  assert.equal(status, 201);
  assert.match(token, /^tw_[0-9A-Za-z]{50}$/);
  assert.deepEqual(await post(bearer, { name: "ci", roles: ["Viewer"] }), [400, { code: "name_taken" }]);
  assert.deepEqual(await post({ "x-setup": "a guess" }), [401, { code: "login_failed" }]);
  const weak = { authorization: `Bearer ${token}` };
  assert.deepEqual(await post(weak, { name: "ci2", roles: ["Viewer"] }), [400, { code: "not_permitted" }]);
});
