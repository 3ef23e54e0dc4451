// What a decision costs in JavaScript, beside an empty call of the same method and beside the same check written by hand.
//
// `node.mjs FACE FOLDER OUTPUT SIZE...`: FACE is `node` for the addon on the SQLite store, `wasm` for the module on the
// snapshot. Stores, snapshots and tokens are those that `cargo bench --package conformance` left in FOLDER.

import { hash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PERMISSION = "item-read";
const RESOURCE = "organization:acme/project:site/item:42";
const TEMPLATE = "organization:{organization}/project:{project}/item:{item}";
const PARAMS = { organization: "acme", project: "site", item: "42" };
const PATH = "/v1/items/42";
const CALLS = 200_000;
const RUN = 2_000;
const ROUNDS = 5;
const READ = ["project-read", "item-read"];
const PERMISSIONS = new Map([
  ["Viewer", new Set(READ)],
  ["Editor", new Set([...READ, "item-create", "item-write", "item-delete"])],
]);
const PREFIXES = [["/v1/items/"], ["/v1/"], ["/v2/", "/v1/items/"], ["/v1/items/"]];

const [face, folder, output, ...sizes] = process.argv.slice(2);
const api = face === "node" ? await import("tokenward") : await import("tokenward-wasm");
const rows = [];
for (const size of sizes.map(Number)) rows.push(...(await rowsOf(size)));
for (let round = 0; round < ROUNDS; round++) for (const row of rows) row.values.push(measured(row));
const medians = rows.map(({ name, size, unit = "ns", values }) => ({ name, size, unit, value: median(values) }));
writeFileSync(output, JSON.stringify({ runtime: `Node ${process.versions.node}`, rows: medians }));
process.exit(0);

async function rowsOf(size) {
  // Strings of their own, as headers are, and not slices of the file.
  const tokens = readFileSync(join(folder, `${size}.tokens`), "latin1")
    .split("\n")
    .map((token) => Buffer.from(token, "latin1").toString("latin1"));
  const snapshot = readFileSync(join(folder, `${size}.snapshot`));
  const registry =
    face === "node" ? await api.Authority.open(`sqlite:${join(folder, `${size}.db`)}`) : api.Verifier.load(snapshot);
  const guard = registry.guard(PERMISSION, RESOURCE);
  const template = registry.guard(PERMISSION, TEMPLATE);
  const check = byHand(tokens);
  if (!tokens.every((token) => guard.authorize(token, PATH).allowed && check(token, PATH))) throw new Error("refused");
  const few = tokens.slice(0, 1000);
  const requests = few.map((credential) => ({ credential, permission: PERMISSION, resource: RESOURCE, path: PATH }));

  // Each row has its own function with its own loop, so that the compiler sees one kind of call in it.
  const measure = {
    "empty call": (list) => {
      let allowed = 0;
      for (let index = 0; index < list.length; index++) allowed += guard.authorize(null, PATH).allowed ? 1 : 0;
      return allowed;
    },
    guard: (list) => {
      let allowed = 0;
      for (let index = 0; index < list.length; index++) allowed += guard.authorize(list[index], PATH).allowed ? 1 : 0;
      return allowed;
    },
    "guard with three parameters": (list) => {
      let allowed = 0;
      for (let index = 0; index < list.length; index++)
        allowed += template.authorize(list[index], { path: PATH, params: PARAMS }).allowed ? 1 : 0;
      return allowed;
    },
    authorize: (list) => {
      let allowed = 0;
      for (let index = 0; index < list.length; index++)
        allowed += registry.authorize(list[index], PERMISSION, RESOURCE, PATH).allowed ? 1 : 0;
      return allowed;
    },
    "by hand: crypto.hash, Map": (list) => {
      let allowed = 0;
      for (let index = 0; index < list.length; index++) allowed += check(list[index], PATH) ? 1 : 0;
      return allowed;
    },
  };
  const runs = [];
  for (let first = 0; first < size; first += RUN) runs.push(tokens.slice(first, first + RUN));
  const all = Array.from({ length: Math.max(1, Math.floor(CALLS / size)) }, () => runs).flat();
  const decided = Object.entries(measure).map(([name, run]) => ({ name, size, runs: all, run, values: [] }));
  const many = { name: "authorizeMany", size, runs: Array(CALLS / 1000).fill(few), values: [] };
  many.run = () => registry.authorizeMany(requests).length;
  const load = { name: "snapshot load", size, unit: "ms", runs: [[snapshot]], values: [], scale: 1e-6 };
  load.run = ([bytes]) => api.Verifier.load(bytes).revision;
  return [...decided, many, load];
}

/** The time of one call: the median of short runs, so that one that was interrupted does not count. */
function measured({ runs, run, scale = 1 }) {
  let sum = 0;
  const times = runs.map((items) => {
    const began = process.hrtime.bigint();
    sum += run(items);
    return (Number(process.hrtime.bigint() - began) / items.length) * scale;
  });
  if (sum < 0) throw new Error("unreachable");
  return median(times);
}

/** The check that one writes by hand: a digest, a map, expiry, resource, path, roles. */
function byHand(tokens) {
  const expiresAt = Date.now() + 1e10;
  const records = new Map();
  tokens.forEach((token, number) => {
    const roles = [["Viewer", "Editor"][number & 1]];
    const paths = PREFIXES[(number >> 1) & 3];
    records.set(hash("sha256", token, "latin1"), { expiresAt, scope: "organization:acme/", roles, paths });
  });
  return (token, path) => {
    const record = records.get(hash("sha256", token, "latin1"));
    if (record === undefined || Date.now() >= record.expiresAt || !RESOURCE.startsWith(record.scope)) return false;
    if (!record.paths.some((prefix) => path.startsWith(prefix))) return false;
    return record.roles.some((role) => PERMISSIONS.get(role).has(PERMISSION));
  };
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
