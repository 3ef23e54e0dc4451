import { bundleSandbox, moduleBytes } from "./bundle.mjs";
import { launch } from "./launch.mjs";

await launch("edge-runtime", async ({ runtime }) => {
  const { EdgeVM } = await import("@edge-runtime/vm");
  const script = await bundleSandbox();
  const tokenwardModule = new WebAssembly.Module(moduleBytes());
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { tokenwardModule }) });
  return vm.evaluate(`${script}\nsandbox.result(${JSON.stringify(runtime)})`);
});
