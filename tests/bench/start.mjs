// One start of the WASM module in a process of its own, where nothing is compiled yet: `start.mjs SNAPSHOT TOKEN`.

import { readFileSync } from "node:fs";
import { start } from "../../wasm/start.js";
import { Verifier } from "../../wasm/tokenward.js";

const [snapshotFile, token] = process.argv.slice(2);
const bytes = readFileSync(new URL("../../wasm/dist/tokenward_bg.wasm", import.meta.url));
const snapshot = readFileSync(snapshotFile);
const marks = [performance.now()];
const mark = () => marks.push(performance.now());

const module = new WebAssembly.Module(bytes);
mark();
start(module);
mark();
const verifier = Verifier.load(snapshot);
mark();
const { allowed } = verifier.authorize(token, "item-read", "organization:acme/project:site/item:42", "/v1/items/42");
mark();
if (!allowed) throw new Error("refused");
const [compile, begin, load, decide] = marks.slice(1).map((end, index) => end - marks[index]);
process.stdout.write(JSON.stringify({ compile, start: begin, load, decide }));
