import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { root } from "./places.mjs";

/** Writes every vector file into one module, for runtimes that read no files. */
export function embed() {
  const folder = new URL("tests/vectors/", root);
  const names = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".json"))
    .sort();
  const entries = names.map((name) => `${JSON.stringify(name)}: ${readFileSync(new URL(name, folder), "utf8")}`);
  const text = JSON.stringify(`{${entries.join(",")}}`); // parsed there: a literal would take `__proto__` for what it is not
  mkdirSync(new URL(".build/", root), { recursive: true });
  const part = new URL(`.build/vectors.${process.pid}.js`, root);
  writeFileSync(part, `export const vectors = JSON.parse(${text});\n`);
  renameSync(part, new URL(".build/vectors.js", root));
}
