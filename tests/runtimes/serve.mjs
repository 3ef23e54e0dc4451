import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "./launch.mjs";
import { program } from "./places.mjs";

/**
 * Serves a Worker by workerd on a free loopback port. It has no network of its own, and ends with this process at the latest.
 *
 * @param {string} folder where the modules are; the first one is the Worker
 * @param {string[]} modules names that end in `.js` or `.wasm`
 * @param {Record<string, string>} origins addresses on loopback that the Worker may fetch from, by the names it has for them
 */
export async function serveWorker(folder, modules, origins = {}) {
  const config = join(folder, "worker.capnp");
  const listed = modules.map(
    (name) => `(name = "${name}", ${name.endsWith(".wasm") ? "wasm" : "esModule"} = embed "${name}")`,
  );
  const external = Object.entries(origins).map(
    ([name, address]) => `(name = "${name}", external = (address = "${address}"))`,
  );
  const bindings = Object.keys(origins).map((name) => `(name = "${name}", service = "${name}")`);
  const services = ['(name = "main", worker = .worker)', '(name = "nowhere", network = (allow = []))', ...external];
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(", ")}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${listed.join(", ")}],
  bindings = [${bindings.join(", ")}],
  compatibilityDate = "2024-01-01",
  globalOutbound = "nowhere",
);
`,
  );
  const child = start(program("workerd"), ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
    let heard = "";
    child.stdio[3].setEncoding("utf8").on("data", (part) => {
      heard += part;
      for (const line of heard.split("\n").slice(0, -1)) {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve(port);
      }
    });
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}
