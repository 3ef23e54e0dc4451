// Runs in Node, Deno and Bun: <face> <runtime>
import { outcome } from "./outcome.mjs";

const [face, runtime] = process.argv.slice(2);
const api = face === "node" ? await import("tokenward") : await import("tokenward-wasm");
const { passed, text } = await outcome(api, face, runtime);
console.log(text);
process.exitCode = passed ? 0 : 1;
