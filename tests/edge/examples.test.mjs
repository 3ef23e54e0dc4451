// The examples, as their own configuration has them, over HTTP.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Authority } from "tokenward";
import { place } from "../runtimes/places.mjs";
import { ask, start, worker } from "./workers.mjs";

const REALM = "organization:acme";
const SETUP = randomUUID();

/** An example, with secrets and variables for it. */
function example(folder, variables = {}) {
  const config = JSON.parse(readFileSync(place(`examples/workers/${folder}/wrangler.json`), "utf8"));
  const named = (list = [], id) => Object.fromEntries(list.map((entry) => [entry.binding, entry[id]]));
  const sqlite = new Set((config.migrations ?? []).flatMap(({ new_sqlite_classes }) => new_sqlite_classes));
  const objects = (config.durable_objects?.bindings ?? []).map(({ name, class_name }) => [
    name,
    { className: class_name, useSQLite: sqlite.has(class_name) },
  ]);
  return worker(config.name, `examples/workers/${folder}/${config.main}`, {
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: [],
    bindings: { ...config.vars, ...variables },
    kvNamespaces: named(config.kv_namespaces, "id"),
    r2Buckets: named(config.r2_buckets, "bucket_name"),
    d1Databases: named(config.d1_databases, "database_id"),
    durableObjects: Object.fromEntries(objects),
  });
}

const bearer = (token) => ({ authorization: `Bearer ${token}` });

async function read(url, token) {
  const response = await ask(new URL("/projects/one", url), { headers: token === undefined ? {} : bearer(token) });
  await response.arrayBuffer();
  return response.status;
}

/** Workers see what is published when they look; how soon is no matter of a test. */
async function eventually(expected, found) {
  let last;
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(100)) {
    last = await found();
    if (last === expected) return;
  }
  assert.equal(last, expected);
}

async function founded(t) {
  const authority = await Authority.open("memory:");
  t.after(() => authority.close());
  await authority.createRealm(REALM, { administrator: "user:alice" });
  const alice = await authority.session(REALM, "user:alice");
  const { token } = await alice.issue({ name: "ci", roles: ["Viewer"] });
  return { authority, alice, token };
}

/** A worker that follows what is published to a target: from nothing there to a revocation. */
async function follows(t, url, target) {
  assert.equal(await read(url), 503);
  const { authority, alice, token } = await founded(t);
  await authority.publish(target);
  await eventually(200, () => read(url, token));
  assert.equal(await read(url), 401);
  assert.equal(await read(url, `${token}x`), 401);
  const { token: powerless } = await alice.issue({ name: "powerless" });
  await alice.revoke("ci");
  const { written } = await authority.publish(target);
  assert.match(written[0], /^delta-/);
  await eventually(401, () => read(url, token));
  await eventually(403, () => read(url, powerless));
}

test("kv", async (t) => {
  const { url, miniflare } = await start(t, await example("kv"));
  await follows(t, url, await miniflare.getKVNamespace("TOKENS"));
});

test("r2", async (t) => {
  const { url, miniflare } = await start(t, await example("r2"));
  await follows(t, url, await miniflare.getR2Bucket("TOKENS"));
});

test("http", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-http-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const statuses = new Set();
  const server = createServer((request, response) => {
    let bytes;
    try {
      bytes = readFileSync(join(folder, basename(request.url)));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    const status = request.headers["if-none-match"] === etag ? 304 : 200;
    statuses.add(status);
    response.writeHead(status, { etag }).end(status === 200 ? bytes : undefined);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { url } = await start(t, await example("http", { TOKENS_URL: `http://127.0.0.1:${server.address().port}` }));
  await follows(t, url, folder);
  const unchanged = async () => {
    await read(url);
    return statuses.has(304);
  };
  await eventually(true, unchanged);
});

test("stale", async (t) => {
  const { url, miniflare } = await start(t, await example("kv"));
  const { authority, token } = await founded(t);
  authority.setClock(new Date(Date.now() - 299_000));
  const target = await miniflare.getKVNamespace("TOKENS");
  await authority.publish(target);
  await eventually(503, () => read(url, token));
  const response = await ask(new URL("/projects/one", url), { headers: bearer(token) });
  assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "5"]);
  authority.setClock();
  await authority.publish(target);
  await eventually(200, () => read(url, token));
});

/** Makes the realm, issues, decides and revokes. */
async function manages(url, onIssued = () => undefined) {
  const send = (method, path, token, body) =>
    ask(new URL(path, url), { method, headers: bearer(token), body: body === undefined ? null : JSON.stringify(body) });
  assert.equal((await send("POST", "/setup", "guessed")).status, 401);
  const { token: owner } = await (await send("POST", "/setup", SETUP)).json();
  const again = await send("POST", "/setup", SETUP);
  assert.deepEqual([again.status, await again.json()], [409, { code: "realm_exists", place: "realm" }]);
  const { token } = await (await send("POST", "/tokens", owner, { name: "ci", roles: ["Viewer"] })).json();
  assert.equal(await read(url, token), 200);
  assert.equal(await read(url), 401);
  assert.equal((await send("POST", "/tokens", token, { name: "more", roles: ["Viewer"] })).status, 403);
  assert.equal((await send("POST", "/tokens", "unknown", { name: "more" })).status, 401);
  assert.equal((await send("POST", "/tokens", owner, { name: "//" })).status, 400);
  await onIssued(token);
  assert.equal((await send("DELETE", "/tokens/ci", owner)).status, 204);
  assert.equal(await read(url, token), 401);
  assert.equal((await send("DELETE", "/tokens/nobody", owner)).status, 404);
  return token;
}

test("durable_object, and kv behind it", async (t) => {
  const authority = await example("durable_object", { SETUP });
  const { url, miniflare } = await start(t, authority, await example("kv"));
  const replica = await miniflare.getWorker("tokens-kv");
  const seen = async (token) => (await replica.fetch("http://worker/projects/one", { headers: bearer(token) })).status;
  const token = await manages(url, (issued) => eventually(200, () => seen(issued)));
  await eventually(401, () => seen(token));
});

test("d1", async (t) => {
  const { url } = await start(t, await example("d1", { SETUP }));
  await manages(url);
});
