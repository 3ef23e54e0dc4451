// The table of wire cases, in every framework and runtime: real servers, and a client that writes bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as departures from "./departures.mjs";
import { bun, deno, serveBy, serveInWorkerd } from "./servers.mjs";
import { run } from "./table.mjs";

const node = [process.execPath];
const applications = [
  ["express 5", () => serveBy(node, "express"), departures.express],
  ["express 4", () => serveBy(node, "express4"), departures.express],
  ["fastify", () => serveBy(node, "fastify"), departures.fastify],
  ["hono", () => serveBy(node, "hono"), departures.honoOnNode],
];

// Runtimes of their own need to be asked once, not by every version of Node.
if (Number(process.versions.node.split(".")[0]) > 20) {
  const { plainRouter } = departures;
  applications.push(
    ["hono on Deno", () => serveBy(deno, "hono-wasm"), departures.deno],
    ["hono on Bun", () => serveBy(bun, "hono-wasm"), departures.bun],
    ["hono in workerd", () => serveInWorkerd("hono"), departures.workerd],
    ["fetch on Deno", () => serveBy(deno, "fetch-wasm"), { ...departures.deno, ...plainRouter }],
    ["fetch on Bun", () => serveBy(bun, "fetch-wasm"), { ...departures.bun, ...plainRouter }],
    ["fetch in workerd", () => serveInWorkerd("fetch"), { ...departures.workerd, ...plainRouter }],
  );
}

for (const [name, serve, departed] of applications) {
  test(name, async (t) => {
    const { ports, stop } = await serve();
    t.after(stop);
    const outcomes = [];
    for (const [variant, port] of Object.entries(ports)) {
      outcomes.push(await run({ port, variant, departures: departed }));
    }
    assert.equal(outcomes.flatMap(({ faults }) => faults).join("\n"), "");
    const ran = outcomes.map((outcome) => outcome.ran);
    t.diagnostic(`${ran[0] + ran[1]} cases`);
    // The table is not read past: each variant has its cases, and the departures are names of them.
    assert.ok(ran[0] > 100 && ran[1] > ran[0]);
    const departedFrom = new Set(outcomes.flatMap(({ departed }) => departed));
    assert.deepEqual([...departedFrom].sort(), Object.keys(departed).sort());
  });
}
