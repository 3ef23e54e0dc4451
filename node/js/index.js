// The npm package `tokenward`: the native addon behind the face that both packages share. `require` gets the same module.

export * from "./face/index.js";
export { readExport } from "./export.js";
export { engine, version } from "../native.js";
