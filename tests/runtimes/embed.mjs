import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { root } from "./places.mjs";

/** Writes every vector file into one module, for runtimes that read no files. */
export function embed() {
  const folder = new URL("tests/vectors/", root);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  const entries = names.map((name) => `${JSON.stringify(name)}: ${readFileSync(new URL(name, folder), "utf8").trim()}`);
  mkdirSync(new URL(".build/", root), { recursive: true });
  const part = new URL(`.build/vectors.${process.pid}.js`, root);
  writeFileSync(part, `export const vectors = {\n${entries.join(",\n")}\n};\n`);
  renameSync(part, new URL(".build/vectors.js", root));
}
