// Installing what is packed into empty folders, far from this repository.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { currentNode, place } from "../runtimes/places.mjs";
import { host } from "./targets.mjs";

/** Where everything is that was built. */
export const packages = place(".build/packages");

/** The one file of a kind. */
export function packed(folder, part) {
  const found = readdirSync(join(packages, folder)).filter((name) => part.test(name));
  assert.equal(found.length, 1, `${part} in ${folder}: ${found}`);
  return join(packages, folder, found[0]);
}

const arch = process.arch === "x64" ? "x86_64" : "aarch64";
export const wheel = packed(
  "python",
  new RegExp(`${host.endsWith("musl") ? "musllinux" : "manylinux"}.*_${arch}\\.whl$`),
);
export const main = packed("npm", /^tokenward-\d/);
export const wasm = packed("npm", /^tokenward-wasm-/);
export const addon = packed("npm", new RegExp(`^tokenward-${host}-`));

/** Every Node.js that is supported, by its version. */
export const nodes = {
  20: process.env.SYSTEM_NODE ?? process.execPath,
  22: place("tests/packages/node_modules/node22/bin/node"),
  24: place("tests/packages/node_modules/node24/bin/node"),
  26: currentNode,
};

const home = mkdtempSync(join(tmpdir(), "tokenward-packages-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

/** An empty folder. Nothing above it belongs to this repository. */
export function empty(name) {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
}

/** What a program prints; what it says where it fails. */
export function run(cwd, program, words, options = {}) {
  try {
    return execFileSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
  } catch (error) {
    throw new Error(`${program} ${words.join(" ")}: ${error.stdout}\n${error.stderr}`);
  }
}

/** Installs files that npm has packed. The addons of other platforms are not there to be asked for. */
export function install(folder, ...files) {
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const words = ["install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--silent"];
  run(folder, "npm", [...words, ...files]);
}

/** An application of Node.js: it issues in the store that it is given, decides there, and prints what came of it. */
export const ISSUED = `
import { Authority, engine, NotFoundError, Verifier } from "tokenward";

const authority = await Authority.open(process.argv[2], { policy: "styra-das" });
await authority.createRealm("workspace:hooli", { administrator: "user:ruchita" });
const ruchita = await authority.session("workspace:hooli", "user:ruchita");
const { token } = await ruchita.issue({ name: "ci/deploy", paths: ["^/v1/systems/"] });
await ruchita.bind("SystemOwner", { at: "workspace:hooli/system:dev", subjects: ["token:ci/deploy"] });
const write = authority.guard("system-write", "workspace:hooli/system:{system}");
const decided = ["dev", "prod"].map((system) => write.authorize(token, { path: "/v1/systems/x", params: { system } }).reason);
const verified = Verifier.load(await authority.snapshot()).authenticate(token).tokenName;
const missing = await ruchita.revoke("nothing").catch((error) => [error.code, error instanceof NotFoundError]);
await authority.close();
console.log(JSON.stringify({ engine, decided, verified, missing }));
`;

/** What it prints, beside its engine. */
export const EXPECTED = {
  decided: ["allowed", "permission_missing"],
  verified: "ci/deploy",
  missing: ["token_not_found", true],
};
