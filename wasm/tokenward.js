// What the package exports, the same in every runtime.

export * from "./dist/face/index.js";
export { version } from "./native.js";
