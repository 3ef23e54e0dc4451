// Builds what is published into .build/packages: wheels and the source distribution, npm packages, crates. `all`: for every
// target, by zig as the C compiler and linker; otherwise for this machine alone, from what the Makefile has built.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { place } from "../runtimes/places.mjs";
import { host, targets } from "./targets.mjs";

const all = process.argv.includes("all");
const out = place(".build/packages");
const stage = join(out, "stage");
const built = process.env.CARGO_TARGET_DIR ?? place("target");
const bin = place(".venv/bin");
const { version } = JSON.parse(readFileSync(place("node/package.json"), "utf8"));

/** Runs a program, which is heard only when it fails. */
function run(program, words, options = {}) {
  try {
    execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", ...options });
  } catch (error) {
    throw new Error(`${program} ${words.join(" ")}\n${error.stdout}${error.stderr}`);
  }
}

const step = (text) => console.log(`packages: ${text}`);
const json = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

rmSync(out, { recursive: true, force: true });
for (const folder of ["python", "npm", "crates", "stage"]) mkdirSync(join(out, folder), { recursive: true });

const names = all ? Object.keys(targets) : [host];
for (const name of names) {
  step(`wheel for ${name}`);
  wheel(name);
  step(`npm package for ${name}`);
  platformPackage(name);
}
step("source distribution");
run(join(bin, "maturin"), ["sdist", "--out", join(out, "python")], { cwd: place("python") });
step("npm packages tokenward and tokenward-wasm");
npm(place("wasm"));
npm(staged());
step("crates");
crates();
rmSync(stage, { recursive: true });
for (const folder of ["python", "npm", "crates"]) {
  for (const file of readdirSync(join(out, folder))) console.log(`${folder}/${file}`);
}

/** The environment of a build for another target: zig beside cargo, and a C library that is linked as the system's own. */
function crossing(name) {
  const { rust } = targets[name];
  const flags = {
    [`CARGO_TARGET_${rust.toUpperCase().replaceAll("-", "_")}_RUSTFLAGS`]: "-Ctarget-feature=-crt-static",
  };
  const path = `${bin}:${process.env.PATH}`;
  return { ...process.env, PATH: path, ...(rust.endsWith("musl") ? flags : {}) };
}

function wheel(name) {
  const { rust, wheel } = targets[name];
  const cross = ["--zig", "--target", rust, "--compatibility", wheel.replace(/_(x86_64|aarch64)$/, "")];
  const words = ["build", "--release", "--out", join(out, "python"), ...(all ? cross : [])];
  run(join(bin, "maturin"), words, { cwd: place("python"), env: crossing(name) });
}

function addon(name) {
  if (!all) return place("node/dist/tokenward.node");
  const { rust } = targets[name];
  // The C library of RHEL 7 and all that is younger.
  const target = rust.endsWith("gnu") ? `${rust}.2.17` : rust;
  const words = ["zigbuild", "--quiet", "--release", "--package", "tokenward-node", "--target", target];
  run("cargo", words, { cwd: place(""), env: crossing(name) });
  return join(built, rust, "release/libtokenward_node.so");
}

/** The addon of one platform, which npm installs where it fits and nowhere else. */
function platformPackage(name) {
  const { cpu, libc } = targets[name];
  const folder = join(stage, name);
  mkdirSync(folder);
  cpSync(addon(name), join(folder, "tokenward.node"));
  const { license, engines } = JSON.parse(readFileSync(place("node/package.json"), "utf8"));
  json(join(folder, "package.json"), {
    name: `@tokenward/${name}`,
    version,
    description: `The native addon of tokenward for ${name}.`,
    license,
    engines,
    os: ["linux"],
    cpu: [cpu],
    libc: [libc],
    main: "tokenward.node",
    files: ["tokenward.node"],
  });
  npm(folder);
}

/** The package `tokenward` as it is published: without an addon of its own, and with the module for where none fits. */
function staged() {
  const folder = join(stage, "tokenward");
  cpSync(place("node"), folder, {
    recursive: true,
    filter: (path) => !/\/(dist|src|Cargo\.toml|build\.rs)$/.test(path),
  });
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  manifest.optionalDependencies = Object.fromEntries(
    Object.keys(targets).map((name) => [`@tokenward/${name}`, version]),
  );
  manifest.files = manifest.files.map((file) => (file === "dist" ? "fallback" : file));
  json(join(folder, "package.json"), manifest);

  const fallback = join(folder, "fallback");
  cpSync(place("wasm/js"), join(fallback, "js"), { recursive: true });
  for (const file of ["native.js", "start.js"]) cpSync(place(`wasm/${file}`), join(fallback, file));
  mkdirSync(join(fallback, "dist/face"), { recursive: true });
  for (const file of ["tokenward_bg.js", "tokenward_bg.wasm"])
    cpSync(place(`wasm/dist/${file}`), join(fallback, "dist", file));
  // One face: its errors are those of the package.
  for (const path of readdirSync(join(folder, "js/face")).filter((path) => path.endsWith(".js"))) {
    writeFileSync(join(fallback, "dist/face", basename(path)), `export * from "../../../js/face/${basename(path)}";\n`);
  }
  const entry = readFileSync(place("wasm/node.js"), "utf8").replace("./tokenward.js", "./native.js");
  writeFileSync(join(fallback, "entry.js"), entry);
  return folder;
}

function npm(folder) {
  run("npm", ["pack", folder, "--silent", "--pack-destination", join(out, "npm")], { cwd: place("") });
}

/** Each crate as it is published, built from what is packed of it against what is packed of the others. */
function crates() {
  const words = ["tokenward", "tokenward-host", "tokenward-cli"].flatMap((name) => ["--package", name]);
  run("cargo", ["package", "--quiet", "--allow-dirty", ...words], { cwd: place("") });
  for (const file of readdirSync(join(built, "package")).filter((file) => file.endsWith(`${version}.crate`))) {
    cpSync(join(built, "package", file), join(out, "crates", file));
  }
}
