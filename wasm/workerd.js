// Cloudflare Workers: the import is the compiled module.
import module from "./dist/tokenward_bg.wasm";
import { start } from "./start.js";

start(module);
export * from "./tokenward.js";
