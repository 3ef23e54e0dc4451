/** The version of the WASM module, which is the version of the core in it. */
export function version(): string;
