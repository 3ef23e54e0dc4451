// Workers in miniflare, on loopback.

import { mkdirSync } from "node:fs";
import { Miniflare } from "miniflare";
import { bundleWorker } from "../runtimes/bundle.mjs";
import { place } from "../runtimes/places.mjs";

const DATE = "2026-07-01";

/**
 * Bundles a worker of the repository: what miniflare is told of it.
 *
 * @param {string} name of the worker, and of the folder that it is built in
 * @param {string} entry a file of the repository
 */
export async function worker(name, entry, options = {}) {
  const folder = place(`.build/edge/${name}`);
  mkdirSync(folder, { recursive: true });
  const { script, wasm } = await bundleWorker(folder, entry);
  const modules = [
    { type: "ESModule", path: script },
    { type: "CompiledWasm", path: wasm },
  ];
  return {
    name,
    modules,
    modulesRoot: folder,
    compatibilityDate: DATE,
    compatibilityFlags: ["nodejs_compat"],
    ...options,
  };
}

/** Starts workers; the first one has the address. It closes after the test. */
export async function start(t, ...workers) {
  const miniflare = new Miniflare({ cf: false, host: "127.0.0.1", port: 0, workers });
  t.after(() => miniflare.dispose());
  return { miniflare, url: await miniflare.ready };
}

/** A request on a connection of its own: one that is kept alive may be closed while the next request is on its way. */
export const ask = (url, options = {}) =>
  fetch(url, { ...options, headers: { ...options.headers, connection: "close" } });
