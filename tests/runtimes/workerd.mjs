import { launch } from "./launch.mjs";
import { bundleWorker } from "./bundle.mjs";
import { serveWorker } from "./serve.mjs";

await launch("workerd", async ({ runtime, folder }) => {
  await bundleWorker(folder);
  const { url } = await serveWorker(folder, ["worker.js", "tokenward_bg.wasm"]);
  return (await fetch(`${url}/?runtime=${runtime}`)).json();
});
