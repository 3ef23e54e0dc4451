// Deno: a source phase import gives the compiled module and needs no permission to read.
import source module from "./dist/tokenward_bg.wasm";
import { start } from "./start.js";

start(module);
export * from "./tokenward.js";
