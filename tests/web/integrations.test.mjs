// What the table of wire cases does not reach: errors instead of answers, scopes, start-up, and workers that load late.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { test } from "node:test";
import { inspect } from "node:util";
import express from "express";
import { fastify } from "fastify";
import { Hono } from "hono";
import { NextRequest } from "next/server.js";
import { Authority } from "tokenward";
import { RequestDenied, tokenward as onExpress } from "tokenward/express";
import { tokenward as onFastify } from "tokenward/fastify";
import { tokenward as onFetch } from "tokenward/fetch";
import { tokenward as onHono } from "tokenward/hono";
import { tokenward as onNext } from "tokenward/next";
import { ask } from "./client.mjs";
import { deno, serveBy } from "./servers.mjs";
import { CONTROL } from "./table.mjs";

const REALM = "organization:acme";
const ITEM = `${REALM}/project:site/item:{item}`;

async function founded(t) {
  const authority = await Authority.open("memory:", { policy: "default" });
  t.after(() => authority.close());
  await authority.createRealm(REALM, { administrator: "user:alice" });
  const alice = await authority.session(REALM, "user:alice");
  const reader = await alice.issue({ name: "reader", roles: ["Viewer"] });
  const gone = await alice.issue({ name: "gone", roles: ["Viewer"] });
  await alice.revoke("gone");
  return { authority, reader: bearer(reader), gone: bearer(gone), secret: gone.clientSecret };
}

const bearer = ({ token }) => ({ authorization: `Bearer ${token}` });
const lines = (headers) => Object.entries(headers);

async function listening(t, listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

/** A denial as an error tells its reason to the host's log only, and no one the secret. */
function checkDenied(error, secret) {
  assert.ok(error instanceof RequestDenied);
  assert.deepEqual([error.status, error.code, error.reason], [401, "invalid_token", "token_revoked"]);
  assert.ok(!JSON.stringify(error).includes("revoked"));
  assert.ok(!Object.values(error).join(" ").includes("revoked"));
  for (const text of [inspect(error), JSON.stringify(error), error.stack, error.message]) {
    for (let at = 0; at + 8 <= secret.length; at++) assert.ok(!text.includes(secret.slice(at, at + 8)));
  }
}

test("express: errors go to the application's error handling", async (t) => {
  const { authority, reader, gone, secret } = await founded(t);
  const tokens = onExpress(authority, { realm: REALM, onDenied: "throw" });
  const errors = [];
  const app = express();
  app.get("/items/:item", tokens.require("item-read", ITEM), (req, res) => res.json(req.auth));
  app.use((error, _req, res, _next) => {
    errors.push(error);
    res.status(error.status).set(error.headers).send(error.body);
  });
  const port = await listening(t, app);
  assert.equal((await ask(port, { target: "/items/7", headers: lines(reader) })).status, 200);
  const denied = await ask(port, { target: "/items/7", headers: lines(gone) });
  assert.deepEqual([denied.status, JSON.parse(denied.body).code], [401, "invalid_token"]);
  assert.equal(errors.length, 1);
  checkDenied(errors[0], secret);
});

test("express: the target counts below a mounted router, and a parameter that is missing is an error", async (t) => {
  const { authority, reader } = await founded(t);
  const alice = await authority.session(REALM, "user:alice");
  const narrow = await alice.issue({ name: "narrow", roles: ["Viewer"], paths: ["^/v1/items/"] });
  const tokens = onExpress(authority);
  const router = express.Router();
  router.get("/items/:item", tokens.require("item-read", ITEM), (req, res) => res.json(req.auth));
  router.get("/wrong/:other", tokens.require("item-read", ITEM), (_req, res) => res.end());
  const app = express();
  app.use("/v1", router);
  app.use((error, _req, res, _next) => res.status(500).json({ code: error.code }));
  const port = await listening(t, app);
  assert.equal((await ask(port, { target: "/v1/items/7", headers: lines(bearer(narrow)) })).status, 200);
  const wrong = await ask(port, { target: "/v1/wrong/7", headers: lines(reader) });
  assert.deepEqual([wrong.status, JSON.parse(wrong.body)], [500, { code: "guard_parameter_missing" }]);
});

test("fastify: a scope of its own, errors, and routes that do not hold", async (t) => {
  const { authority, reader, gone, secret } = await founded(t);
  const app = fastify();
  t.after(() => app.close());
  const errors = [];
  app.setErrorHandler((error, _request, reply) => {
    errors.push(error);
    return reply.code(error.statusCode).headers(error.headers).send(error.body);
  });
  app.get("/open", async () => "open");
  await app.register(async (scope) => {
    await scope.register(onFastify, { authority, onDenied: "throw" });
    scope.get("/closed", async (request) => request.auth.principal);
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address();
  assert.equal((await ask(port, { target: "/open" })).body, "open");
  assert.equal((await ask(port, { target: "/closed", headers: lines(reader) })).body, "token:reader");
  assert.equal((await ask(port, { target: "/closed", headers: lines(gone) })).status, 401);
  checkDenied(errors[0], secret);

  const refused = async (config) => {
    const other = fastify();
    await other.register(onFastify, { authority });
    assert.throws(() => other.get("/items/:item", { config: { tokenward: config } }, async () => ""), {
      name: "InputError",
    });
    await other.close();
  };
  await refused({ permission: "item-read", resource: `${REALM}/project:site/item:{other}` });
  await refused({ permission: "item-raed", resource: ITEM });
  await refused({ permission: "item-read" });
  await refused("open");
});

test("fastify: a route added before the plugin is not taken for a public one", async (t) => {
  const { authority, reader } = await founded(t);
  const app = fastify();
  t.after(() => app.close());
  app.get("/early", async () => "early");
  app.get("/marked", { config: { tokenward: { permission: "item-read", resource: ITEM } } }, async () => "marked");
  await app.register(onFastify, { authority });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address();
  assert.equal((await ask(port, { target: "/early" })).status, 401);
  assert.equal((await ask(port, { target: "/marked", headers: lines(reader) })).status, 500);
});

test("hono: the error of a denial is its own answer", async (t) => {
  const { authority, gone, secret } = await founded(t);
  const errors = [];
  const app = new Hono();
  app.use(onHono(authority, { onDenied: "throw" }).authenticate());
  app.onError((error) => {
    errors.push(error);
    return error.getResponse();
  });
  const response = await app.request("http://127.0.0.1/", { headers: gone });
  assert.deepEqual([response.status, (await response.json()).code], [401, "invalid_token"]);
  checkDenied(errors[0], secret);
});

test("fetch: an authority that is loaded with the first request, and one that is not there", async (t) => {
  const { authority, reader } = await founded(t);
  const given = [];
  const tokens = onFetch((...context) => {
    given.push(context.slice(1));
    return authority;
  });
  const read = tokens.require("item-read", ITEM, (_request, auth, env) => new Response(`${auth.principal} ${env}`));
  const request = Object.assign(new Request("http://127.0.0.1/items/7", { headers: reader }), {
    params: { item: "7" },
  });
  assert.equal(await (await read(request, "env")).text(), "token:reader env");
  assert.deepEqual(given, [["env"]]);
  const nobody = await onFetch(async () => null).authenticate(() => assert.fail())(request);
  assert.deepEqual([nobody.status, nobody.headers.get("retry-after")], [503, "5"]);
  assert.throws(() => onFetch(authority).require("item-raed", ITEM, () => undefined), { code: "permission_unknown" });
});

test("next: handlers and the proxy, with requests of the package", async (t) => {
  const { authority, reader, gone } = await founded(t);
  const tokens = onNext(authority, { realm: REALM, header: "X-API-Key" });
  const GET = tokens.require("item-read", ITEM, async (_request, { params, auth }) => {
    return Response.json([(await params).item, auth.principal]);
  });
  const asked = (headers, path = "/items/7") => new NextRequest(`http://127.0.0.1${path}`, { headers });
  const context = (item) => ({ params: Promise.resolve({ item }) });
  assert.deepEqual(await (await GET(asked(reader), context("7"))).json(), ["7", "token:reader"]);
  assert.equal((await GET(asked(gone), context("7"))).status, 401);
  assert.equal((await GET(asked(reader, "/items/7%2F8"), context("7/8"))).status, 400);
  assert.equal((await GET(asked({ ...reader, "x-api-key": "x" }), context("7"))).status, 400);
  const proxy = tokens.proxy();
  assert.equal(await proxy(asked(reader)), undefined);
  assert.equal((await proxy(asked({}))).headers.get("www-authenticate"), 'Bearer realm="default"');
});

test("options that do not hold are errors", async (t) => {
  const { authority } = await founded(t);
  for (const tokenward of [onExpress, onFetch, onHono, onNext]) {
    for (const options of [
      { header: "Authorization" },
      { header: "Cookie" },
      { header: "a b" },
      { onDenied: "ignore" },
    ]) {
      assert.throws(() => tokenward(authority, options), { code: "type_invalid" });
    }
    assert.throws(() => tokenward(authority, { relam: REALM }), { code: "field_unknown" });
    assert.throws(() => tokenward({}), { code: "type_invalid", place: "authority" });
    assert.throws(() => tokenward({ authorize: () => undefined }).revocation(), { code: "type_invalid" });
  }
});

test("require gives the same modules as import", async () => {
  const require = createRequire(import.meta.url);
  const names = ["express", "fastify", "fetch", "hono", "next"].map((name) => `tokenward/${name}`);
  names.push(...["fetch", "hono", "next"].map((name) => `tokenward-wasm/${name}`));
  for (const name of names) assert.equal(require(name).tokenward, (await import(name)).tokenward);
});

test("deno: a made-up Host brings no path with it", async (t) => {
  const { ports, stop } = await serveBy(deno, "hono-wasm");
  t.after(stop);
  const steps = [
    { do: "create_realm", with: { realm: REALM, administrator: "user:alice" } },
    { do: "session", with: { realm: REALM, principal: "user:alice" }, save: "alice" },
    {
      do: "issue",
      as: "alice",
      with: { name: "narrow", roles: ["Viewer"], paths: ["^/$", "^/items/"] },
      save: "narrow",
    },
  ];
  const performed = await ask(ports.protected, { method: "POST", target: CONTROL, body: JSON.stringify(steps) });
  const { narrow } = JSON.parse(performed.body);
  const headers = lines(bearer(narrow));
  assert.equal((await ask(ports.protected, { target: "/items/7", headers })).status, 200);
  for (const host of ["x?a", "x#a", "/items", "x\\items", "x?/items/", "u@x", "x/items/?"]) {
    const { status } = await ask(ports.protected, { target: "/files/a", headers: [["Host", host], ...headers] });
    assert.ok([400, 403, 404].includes(status), `${host}: ${status}`);
  }
});
