// What the package exports, the same in every runtime.

export * from "./dist/face/index.js";
export { D1Store } from "./js/d1.js";
export { DurableObjectStore } from "./js/durable_object.js";
export { Replica } from "./js/replica.js";
export { httpSource, kvSource, r2Source } from "./js/sources.js";
export { version } from "./native.js";
