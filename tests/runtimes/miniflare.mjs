import { bundleWorker } from "./bundle.mjs";
import { launch } from "./launch.mjs";

await launch("miniflare", async ({ runtime, folder }) => {
  const { Miniflare } = await import("miniflare");
  const { script, wasm } = await bundleWorker(folder);
  const modules = [
    { type: "ESModule", path: script },
    { type: "CompiledWasm", path: wasm },
  ];
  const worker = new Miniflare({
    cf: false,
    host: "127.0.0.1",
    modules,
    modulesRoot: folder,
    compatibilityDate: "2026-07-01",
  });
  try {
    return await (await worker.dispatchFetch(`http://worker.invalid/?runtime=${runtime}`)).json();
  } finally {
    await worker.dispose();
  }
});
