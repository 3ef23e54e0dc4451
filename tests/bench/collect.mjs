// Runs the parts of the benchmark in turn, pass after pass, and keeps the median of the passes: the machine may be slower
// in one minute than in the next, and all parts are to have their share of both.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { currentNode, place } from "../runtimes/places.mjs";
import { propagation } from "./propagation.mjs";

const { PYTHON = "python3", SYSTEM_NODE = process.execPath } = process.env;
/** Starts of the WASM module in each pass. */
const STARTS = 5;

/**
 * @param {string} folder where `cargo bench` has left its files
 * @param {number[]} sizes numbers of tokens
 * @param {number} passes
 * @returns {Promise<{ part: string, name: string, size: number, unit: string, value: number }[]>}
 */
export async function collect(folder, sizes, passes) {
  const rust = JSON.parse(readFileSync(join(folder, "rust.json"), "utf8"));
  const growth = JSON.parse(readFileSync(join(folder, "growth.json"), "utf8"));
  const parts = partsOf(folder, sizes, rust.program);
  const seen = new Map();
  for (let pass = 1; pass <= passes; pass++) {
    console.log(`==> bench: pass ${pass} of ${passes}: ${parts.map(([part]) => part).join(", ")}`);
    for (const [part, run] of parts) for (const row of run()) keep(seen, { part, ...row });
  }
  const rows = rust.rows.map((row) => ({ part: "Rust", ...row }));
  rows.push(...growth.rows.map((row) => ({ part: "Growth", ...row })));
  for (const { values, ...row } of seen.values()) rows.push({ ...row, value: median(values) });
  return [...rows, ...(await propagation()), ...(await weights())];
}

/** What it was measured on, and with. */
export function machine() {
  const version = (command, ...words) => execFileSync(command, words, { encoding: "utf8" }).trim();
  const [{ model }] = cpus();
  return {
    cpu: model,
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    rust: version("rustc", "--version").split(" ")[1],
    python: version(PYTHON, "--version").split(" ")[1],
    node: [version(SYSTEM_NODE, "--version"), version(currentNode, "--version")].join(" and "),
  };
}

function partsOf(folder, sizes, program) {
  const script = (name) => place(`tests/bench/${name}`);
  const written = (command, words, file) => {
    const output = join(folder, file);
    run(command, words(output));
    return JSON.parse(readFileSync(output, "utf8")).rows;
  };
  const javascript = (node, face) => [
    `${face === "node" ? "Node" : "WASM in Node"} ${major(node)}`,
    () => written(node, (output) => [script("node.mjs"), face, folder, output, ...sizes.map(String)], "node.json"),
  ];
  return [
    ["Rust host", () => written(program, () => ["guards", ...sizes.map(String)], "guards.json")],
    [
      "Python",
      () => written(PYTHON, (output) => [script("bench.py"), folder, output, ...sizes.map(String)], "python.json"),
    ],
    ...[SYSTEM_NODE, currentNode].map((node) => javascript(node, "node")),
    ...[SYSTEM_NODE, currentNode].map((node) => javascript(node, "wasm")),
    ...[SYSTEM_NODE, currentNode].map((node) => [`WASM in Node ${major(node)}`, () => starts(node, folder, sizes)]),
  ];
}

/** Starts of the module, each in a fresh process, with the snapshot of the middle size: what an edge worker would hold. */
function starts(node, folder, sizes) {
  const size = sizes[Math.min(1, sizes.length - 1)];
  const [token] = readFileSync(join(folder, `${size}.tokens`), "latin1").split("\n");
  const rows = [];
  for (let time = 0; time < STARTS; time++) {
    const output = run(node, [place("tests/bench/start.mjs"), join(folder, `${size}.snapshot`), token]);
    const { compile, start, load, decide } = JSON.parse(output);
    rows.push({ name: "compile", size: 1, unit: "ms", value: compile });
    rows.push({ name: "compile and start", size: 1, unit: "ms", value: compile + start });
    rows.push({ name: "first snapshot load of a process", size, unit: "ms", value: load });
    rows.push({ name: "first decision of a process", size, unit: "ms", value: decide });
  }
  return rows;
}

/** Bytes of what an edge worker ships. */
async function weights() {
  const wasm = readFileSync(place("wasm/dist/tokenward_bg.wasm"));
  const { outputFiles } = await build({
    entryPoints: [place("wasm/workerd.js")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    external: ["*.wasm"],
    logLevel: "error",
  });
  const kilobytes = (bytes) => bytes.length / 1000;
  return [
    { part: "WASM", name: "module", size: 1, unit: "kB", value: kilobytes(wasm) },
    { part: "WASM", name: "module, gzip", size: 1, unit: "kB", value: kilobytes(gzipSync(wasm, { level: 9 })) },
    {
      part: "WASM",
      name: "JavaScript, minified, gzip",
      size: 1,
      unit: "kB",
      value: kilobytes(gzipSync(outputFiles[0].contents, { level: 9 })),
    },
  ];
}

function keep(seen, { value, ...row }) {
  const key = JSON.stringify(row);
  if (!seen.has(key)) seen.set(key, { ...row, values: [] });
  seen.get(key).values.push(value);
}

function run(command, words) {
  const { status, stdout, error } = spawnSync(command, words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 600_000,
  });
  if (error ?? status !== 0) throw error ?? new Error(`${command} ${words[0]} ended with ${status}`);
  return stdout;
}

function major(node) {
  return execFileSync(node, ["--version"], { encoding: "utf8" }).slice(1).split(".")[0];
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
