// One application as a server of its own, in both variants: <application>. Runs in Node, Deno and Bun; prints the ports.
// It ends when its standard input does, so that it never outlives the test.

import { createServer } from "node:http";
import process from "node:process";
import { policy } from "./apps/routes.mjs";
import { World } from "./world.mjs";

const CONTROL = "/-/perform";
const VARIANTS = ["routes", "protected"];
const [name] = process.argv.slice(2);

/** Servers on Node's `http`: the application is a listener of requests. */
const listeners = {
  express: async (world, variant) => {
    const { expressApp } = await import("./apps/express.mjs");
    const { default: express } = await import("express");
    return nodeServer(world, expressApp(express, "*$1", world.authority, variant));
  },
  express4: async (world, variant) => {
    const { expressApp } = await import("./apps/express.mjs");
    const { default: express } = await import("express4");
    return nodeServer(world, expressApp(express, "*", world.authority, variant));
  },
  fastify: async (world, variant) => {
    const { fastifyApp } = await import("./apps/fastify.mjs");
    let server;
    await fastifyApp(world.authority, variant, (listener) => {
      server = createServer(beside(world, listener));
      return server;
    });
    return listening(server);
  },
  hono: async (world, variant) => {
    const { honoApp } = await import("./apps/hono.mjs");
    const { tokenward } = await import("tokenward/hono");
    const { getRequestListener } = await import("@hono/node-server");
    return nodeServer(world, getRequestListener(honoApp(tokenward, world.authority, variant).fetch));
  },
};

/** Web-standard handlers, served by the runtime. */
const handlers = {
  "hono-wasm": async (world, variant) => {
    const { honoApp } = await import("./apps/hono.mjs");
    const { tokenward } = await import("tokenward-wasm/hono");
    return honoApp(tokenward, world.authority, variant).fetch;
  },
  "fetch-wasm": async (world, variant) => {
    const { fetchApp } = await import("./apps/fetch.mjs");
    const { tokenward } = await import("tokenward-wasm/fetch");
    return fetchApp(tokenward, world.authority, variant);
  },
};

const beside = (world, listener) => async (req, res) => {
  if (req.url !== CONTROL) return listener(req, res);
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  res.end(JSON.stringify(await world.perform(JSON.parse(Buffer.concat(chunks)))));
};

const nodeServer = (world, listener) => listening(createServer(beside(world, listener)));

async function listening(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

function webServer(world, app) {
  const fetch = async (request) =>
    request.url.endsWith(CONTROL) ? Response.json(await world.perform(await request.json())) : app(request);
  if (globalThis.Bun) return Bun.serve({ port: 0, hostname: "127.0.0.1", fetch }).port;
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => undefined }, fetch).addr.port;
}

const api = Object.hasOwn(listeners, name) ? await import("tokenward") : await import("tokenward-wasm");
const ports = {};
for (const variant of VARIANTS) {
  const world = await World.open(api, policy);
  const make = listeners[name] ?? (async (...given) => webServer(world, await handlers[name](...given)));
  ports[variant] = await make(world, variant);
}
console.log(JSON.stringify(ports));
process.stdin.on("end", () => process.exit(0)).resume();
