import { launch, perform } from "./launch.mjs";
import { program } from "./places.mjs";

await launch("bun", ({ runtime }) => perform(program("bun"), ["run"], "wasm", runtime));
