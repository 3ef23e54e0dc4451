import { launch, perform } from "./launch.mjs";
import { program } from "./places.mjs";

await launch("deno", ({ runtime }) => perform(program("deno"), ["run", "--quiet", "--no-prompt"], "wasm", runtime));
