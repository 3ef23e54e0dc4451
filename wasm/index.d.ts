export * from "./dist/face/index.js";
export type { Registry } from "./dist/face/registry.js";
export {
  type Background,
  type Found,
  httpSource,
  kvSource,
  r2Source,
  Replica,
  type ReplicaOptions,
  type Source,
} from "./replica.js";
export type { Store, StoredSnapshot } from "./store.js";
export {
  D1Store,
  DurableObjectStore,
  type SqlDatabase,
  type SqlStatement,
  type SqlStorage,
  type SqlStoreOptions,
  type SqlValue,
} from "./stores.js";

/** The version of the WASM module, which is the version of the core in it. */
export function version(): string;
