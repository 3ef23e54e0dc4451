// The main job end to end: a token issued in Python, accepted in Node, decided in an edge worker, and revoked for all.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edited } from "../js/vector_edits.mjs";
import { bundleWorker } from "../runtimes/bundle.mjs";
import { place } from "../runtimes/places.mjs";
import { serveWorker } from "../runtimes/serve.mjs";
import { startPeer, workerPeer } from "./peer.mjs";
import { printTable } from "./table.mjs";

/** Seconds that all of it may take, that a change may take to arrive, and that the short-lived token lives. */
const DEADLINE = 60;
const ARRIVAL = 5;
const SHORT = 3;

const { PYTHON = "python3", SYSTEM_NODE = process.execPath } = process.env;
const step = (text) => console.log(`==> ${text}`);
const folder = mkdtempSync(join(tmpdir(), "tokenward-demo-"));
const store = `sqlite:${join(folder, "tokens.db")}`;
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
setTimeout(() => fail(new Error(`not done after ${DEADLINE} s`)), DEADLINE * 1000).unref();

const rows = [];
let faces;

try {
  await story();
} catch (error) {
  fail(error);
}

async function story() {
  step("Python opens a new SQLite store with the preset styra-das");
  const python = await startPeer(PYTHON, [place("tests/demo/issue.py"), store], (text) => step(`Python: ${text}`));
  step(`Python: a password proves ${python.ready.principal}`);
  const deploy = await python.ask({ issue: "ci/deploy", role: "SystemOwner" });
  step("Python issues ci/deploy for paths ^/v1/systems/, 30 days, and binds SystemOwner at system:dev");
  console.log(`\n    ${deploy.token}\n    shown this once; from now on it is ${deploy.shown}\n`);
  mustNotHold(deploy.secret);

  step("Node opens the same file with the native addon");
  const node = await startPeer(SYSTEM_NODE, [place("tests/demo/accept.mjs"), store], step);
  step("workerd loads the WASM module, pulls the snapshot and listens on loopback");
  const worker = workerPeer((await startWorker(python.ready.port)).url);
  faces = [
    [named(python), python],
    [named(node), node],
    ["workerd, WASM", worker],
  ];

  await settled(bearer(deploy), "/v1/systems/dev", "allowed");
  const short = await python.ask({ issue: "ci/short", role: "SystemEditor", seconds: SHORT });
  const expires = Date.now() + SHORT * 1000;
  step(`Python issues ci/short, which expires ${SHORT} s from now; the others hear of it`);
  await settled(bearer(short), "/v1/systems/dev", "allowed");

  step("every face decides the same requests");
  await row("ci/short, alive", short, "/v1/systems/dev", "allowed");
  await row("ci/deploy", deploy, "/v1/systems/dev", "allowed");
  await row("ci/deploy, other path", deploy, "/v1/policies/dev", "path_not_allowed");
  await row("ci/deploy, other system", deploy, "/v1/systems/prod", "permission_missing");
  const wrong = await edited(await edited(deploy.token, "flip:-10"), "checksum");
  await row("ci/deploy, wrong secret", { token: wrong }, "/v1/systems/dev", "secret_mismatch");

  step("ci/short comes to its end");
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, expires - Date.now() + 100)));
  await row("ci/short, expired", short, "/v1/systems/dev", "token_expired");

  await python.ask({ revoke: "ci/deploy" });
  step("Python revokes ci/deploy");
  for (const [name, ms] of await settled(bearer(deploy), "/v1/systems/dev", "token_revoked"))
    step(`${name} refuses it ${ms === 0 ? "at once" : `${ms} ms later`}`);
  await row("ci/deploy, revoked", deploy, "/v1/systems/dev", "token_revoked");

  printTable(rows);
  const wrongRows = rows.filter(({ reason, expected }) => reason !== expected);
  for (const { request, face, reason, expected } of wrongRows)
    console.log(`FAIL ${request}: ${face} says ${reason}, not ${expected}`);
  console.log(`demo: ${rows.length - wrongRows.length} of ${rows.length} decisions as expected`);
  process.exit(wrongRows.length === 0 ? 0 : 1);
}

/** Has each face decide a request: what it says, and how long it takes. */
async function row(request, { token }, path, expected) {
  for (const [face, peer] of faces) {
    const answer = await peer.decide(bearer({ token }), path, true);
    rows.push({ request: `${request}: PUT ${path}`, face, expected, ...answer });
  }
}

/** Waits until each face says what is expected; how many milliseconds that took it. */
async function settled(credential, path, expected) {
  const began = performance.now();
  return Promise.all(
    faces.map(async ([name, peer]) => {
      for (let asked = 0; ; asked++) {
        const { reason } = await peer.decide(credential, path, false);
        const passed = performance.now() - began;
        if (reason === expected) return [name, asked === 0 ? 0 : Math.round(passed)];
        if (passed > ARRIVAL * 1000) throw new Error(`${name} still says ${reason} after ${ARRIVAL} s`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }),
  );
}

async function startWorker(port) {
  const built = place(".build/demo");
  mkdirSync(built, { recursive: true });
  await bundleWorker(built, "tests/demo/worker.mjs");
  return serveWorker(built, ["worker.js", "tokenward_bg.wasm"], { AUTHORITY: `127.0.0.1:${port}` });
}

/** The store keeps digests. */
function mustNotHold(secret) {
  const files = readdirSync(folder);
  for (const file of files)
    if (readFileSync(join(folder, file)).includes(secret)) throw new Error(`${file} holds a secret`);
  step(`the secret is in none of ${files.join(", ")}`);
}

function bearer({ token }) {
  return `Bearer ${token}`;
}

function named({ ready }) {
  const [name, version] = ready.ready.split(" ");
  const [major, minor] = version.split(".");
  return name === "node" ? `Node ${major}, addon` : `Python ${major}.${minor}`;
}

function fail(error) {
  console.log(`FAIL ${error?.stack ?? error}`);
  process.exit(1);
}
