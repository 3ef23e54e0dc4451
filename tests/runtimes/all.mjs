// Runs the vectors in every runtime that the two packages name, one after another, and prints one table.
import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { SKIPPED } from "./launch.mjs";
import { currentNode, place } from "./places.mjs";

const systemNode = process.env.SYSTEM_NODE ?? "node";
const runs = [
  ["node.mjs", systemNode, "node"],
  ["node.mjs", currentNode, "node"],
  ["node.mjs", systemNode],
  ["node.mjs", currentNode],
  ["deno.mjs", currentNode],
  ["bun.mjs", currentNode],
  ["workerd.mjs", currentNode],
  ["miniflare.mjs", currentNode],
  ["edge.mjs", currentNode],
  ["chromium.mjs", currentNode],
];

let failures = 0;
const table = [];
for (const [file, node, ...words] of runs) {
  const began = performance.now();
  const { status, stdout, error } = spawnSync(node, [place(`tests/runtimes/${file}`), ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const lines = (stdout ?? "").trimEnd().split("\n");
  const last = error ? String(error) : lines.at(-1) || `${[file, ...words].join(" ")} ended with ${status}`;
  const verdict = status === 0 ? "passed" : status === SKIPPED ? "skipped" : "FAILED";
  if (verdict === "FAILED") {
    failures += 1;
    console.log(lines.join("\n"));
  } else {
    console.log(last);
  }
  if (verdict === "skipped" && process.env.SKIPS)
    appendFileSync(process.env.SKIPS, `${last.replace(/^skipped: /, "")}\n`);
  table.push([verdict, `${seconds} s`, last]);
}

console.log("");
for (const [verdict, seconds, last] of table) console.log(`${verdict.padEnd(8)} ${seconds.padStart(7)}  ${last}`);
console.log(`runtimes: ${table.length - failures} of ${table.length} without failure`);
process.exitCode = failures > 0 ? 1 : 0;
