// Applications as processes and workers of their own, which end with the test.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { once } from "node:events";
import { bundleWorker } from "../runtimes/bundle.mjs";
import { place, program } from "../runtimes/places.mjs";

/**
 * Runs `serve.mjs` in a runtime.
 *
 * @param {string[]} command the runtime and its words
 * @param {string} application
 * @returns {Promise<{ ports: Record<string, number>, stop: () => Promise<unknown> }>}
 */
export async function serveBy(command, application) {
  const [runtime, ...words] = command;
  const child = spawn(runtime, [...words, place("tests/web/serve.mjs"), application], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1" },
  });
  const [line] = await Promise.race([
    once(child.stdout.setEncoding("utf8"), "data"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`${application} ended with ${code}`))),
  ]);
  const ended = once(child, "exit");
  return {
    ports: JSON.parse(line),
    stop() {
      child.stdin.end();
      return ended;
    },
  };
}

export const deno = [program("deno"), "run", "-A", "--quiet", "--no-prompt"];
export const bun = [program("bun"), "run"];

/** Runs `worker.mjs` in workerd, once for each variant. */
export async function serveInWorkerd(application) {
  const { Miniflare } = await import("miniflare");
  const folder = place(".build/web/workerd");
  mkdirSync(folder, { recursive: true });
  const { script, wasm } = await bundleWorker(folder, "tests/web/worker.mjs");
  const workers = [];
  const ports = {};
  for (const VARIANT of ["routes", "protected"]) {
    const worker = new Miniflare({
      cf: false,
      host: "127.0.0.1",
      modules: [
        { type: "ESModule", path: script },
        { type: "CompiledWasm", path: wasm },
      ],
      modulesRoot: folder,
      compatibilityDate: "2026-07-01",
      bindings: { APP: application, VARIANT },
    });
    workers.push(worker);
    ports[VARIANT] = Number((await worker.ready).port);
  }
  return { ports, stop: () => Promise.all(workers.map((worker) => worker.dispose())) };
}
