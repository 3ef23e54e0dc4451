// Vercel's edge runtime and Next.js: `?module` asks for the compiled module.
import module from "./dist/tokenward_bg.wasm?module";
import { start } from "./start.js";

start(module);
export * from "./tokenward.js";
