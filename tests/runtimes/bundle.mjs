import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { place } from "./places.mjs";

const WASM = "tokenward_bg.wasm";

/** The compiled module's bytes, as the package ships them. */
export const moduleBytes = () => readFileSync(place(`wasm/dist/${WASM}`));

/** One ES module and the WASM file beside it, as Workers take them. `entry` is a file of the repository. */
export async function bundleWorker(folder, entry = "tests/runtimes/worker.mjs") {
  const external = {
    name: "wasm",
    setup: (esbuild) => esbuild.onResolve({ filter: /\.wasm$/ }, () => ({ path: `./${WASM}`, external: true })),
  };
  const script = join(folder, "worker.js");
  await build({ ...common(entry, "workerd"), format: "esm", outfile: script, plugins: [external] });
  copyFileSync(place(`wasm/dist/${WASM}`), join(folder, WASM));
  return { script, wasm: join(folder, WASM) };
}

/** One script that sets the global `sandbox` and takes the compiled module from the global `tokenwardModule`. */
export async function bundleSandbox() {
  const given = {
    name: "wasm",
    setup(esbuild) {
      esbuild.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "given" }));
      esbuild.onLoad({ filter: /.*/, namespace: "given" }, () => ({
        contents: "export default globalThis.tokenwardModule",
      }));
    },
  };
  const options = {
    ...common("tests/runtimes/sandbox.mjs", "edge-light"),
    format: "iife",
    globalName: "sandbox",
    plugins: [given],
  };
  const { outputFiles } = await build({ ...options, write: false });
  return outputFiles[0].text;
}

const common = (entry, condition) => ({
  entryPoints: [place(entry)],
  bundle: true,
  conditions: [condition, "import"],
  external: ["cloudflare:*", "node:*"],
  // The examples are not installed: they find the package where the tests do.
  nodePaths: [place("tests/node_modules")],
  target: "es2022",
  logLevel: "error",
});
