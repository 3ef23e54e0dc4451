// Node and Bun: read and compiled at once, so that `require` works as well.
import { readFileSync } from "node:fs";
import { start } from "./start.js";

start(new WebAssembly.Module(readFileSync(new URL("./dist/tokenward_bg.wasm", import.meta.url))));
export * from "./tokenward.js";
