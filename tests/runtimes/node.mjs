// The Node that runs this file; `node` as the first word takes the native addon instead of the WASM module.
import { launch, perform } from "./launch.mjs";

const face = process.argv[2] ?? "wasm";
await launch(`node ${process.versions.node.split(".")[0]}`, ({ runtime }) =>
  perform(process.execPath, [], face, runtime),
);
