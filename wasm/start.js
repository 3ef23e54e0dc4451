import * as glue from "./dist/tokenward_bg.js";

/**
 * Starts the compiled module; each runtime's entry file gets hold of it in its own way.
 *
 * `new WebAssembly.Instance` takes a module of another realm (edge sandboxes, test runners), which wasm-bindgen's own
 * loaders refuse. Nothing may call into the module before this has run: entries import `tokenward.js` only to pass its
 * names on, and `tokenward.js` calls nothing at its top level.
 *
 * @param {WebAssembly.Module} module
 */
export function start(module) {
  const { exports } = new WebAssembly.Instance(module, { "./tokenward_bg.js": glue });
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
}
