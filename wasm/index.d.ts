export * from "./dist/face/index.js";
export type { Store } from "./store.js";

/** The version of the WASM module, which is the version of the core in it. */
export function version(): string;
