export * from "./face/index.js";
export { readExport, type ExportOptions } from "./export.js";

/** The version of the addon, which is the version of the core in it. */
export function version(): string;

/**
 * What decides: the native addon of this platform, or the WebAssembly module where none is installed that fits. With the latter
 * stores are `memory:` and objects of your own, and `readExport` and the command line are not there.
 */
export const engine: "native" | "wasm";
