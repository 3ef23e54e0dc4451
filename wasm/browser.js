// Browsers and bundlers: the address of the module beside this file, fetched and compiled.
import { start } from "./start.js";

start(await WebAssembly.compileStreaming(fetch(new URL("./dist/tokenward_bg.wasm", import.meta.url))));
export * from "./tokenward.js";
