// What is compiled for each platform: for its processor, on its C library, and for none younger than its tag says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { place } from "../runtimes/places.mjs";
import { targets } from "./targets.mjs";

const packages = place(".build/packages");
const folder = mkdtempSync(join(tmpdir(), "tokenward-binaries-"));
after(() => rmSync(folder, { recursive: true }));
const machines = { x64: "X86-64", arm64: "AArch64" };

/** The binaries in what is packed for a platform, each with the youngest GNU C library that its tag allows. */
function* binaries() {
  for (const [name, target] of Object.entries(targets)) {
    const [kind, processor] = /^(many|musl)linux.*?_(x86_64|aarch64)$/.exec(target.wheel).slice(1);
    for (const file of readdirSync(join(packages, "python"))) {
      const tag = new RegExp(`-${kind}linux_?(.*)_${processor}(?:\\.|$)`).exec(file)?.[1];
      if (tag === undefined) continue;
      const into = join(folder, `wheel-${name}`);
      execFileSync("python3", ["-m", "zipfile", "-e", join(packages, "python", file), into]);
      const [, minor] = /^2_(\d+)/.exec(tag) ?? [null, "17"];
      yield { name, path: join(into, "tokenward/_native.abi3.so"), target, minor: Number(minor) };
    }
    for (const file of readdirSync(join(packages, "npm")).filter((file) => file.startsWith(`tokenward-${name}-`))) {
      execFileSync("tar", ["-xzf", join(packages, "npm", file), "-C", folder, "package/tokenward.node"]);
      // Of npm there is no tag; what is built for this machine alone runs where its C library is.
      yield { name, path: join(folder, "package/tokenward.node"), target, minor: complete() ? 17 : 99 };
    }
  }
}

/** Whether everything was built, by `make packages`. */
const complete = () => readdirSync(join(packages, "python")).filter((file) => file.endsWith(".whl")).length > 1;

test("each binary is what its package says", () => {
  let seen = 0;
  for (const { name, path, target, minor } of binaries()) {
    const read = (flag) => execFileSync("readelf", [flag, "--wide", path], { encoding: "utf8", maxBuffer: 2 ** 26 });
    assert.match(read("-h"), new RegExp(`Machine:.*${machines[target.cpu]}`), name);
    const needed = [...read("-d").matchAll(/NEEDED.*\[(.+)\]/g)].map(([, library]) => library);
    const own =
      target.libc === "musl"
        ? /^(libc\.so|libc\.musl-.*|libgcc_s\.so\.1)$/
        : /^(lib(c|m|dl|rt|pthread|gcc_s)\.so\.\d|ld-linux-.*)$/;
    assert.deepEqual(
      needed.filter((library) => !own.test(library)),
      [],
      name,
    );
    const versions = [...read("-V").matchAll(/GLIBC_2\.(\d+)/g)].map(([, version]) => Number(version));
    if (target.libc === "musl") assert.deepEqual(versions, [], name);
    else assert.ok(Math.max(...versions) <= minor, `${name}: glibc 2.${Math.max(...versions)}, not 2.${minor}`);
    seen += 1;
  }
  console.log(`binaries: ${seen} looked at`);
  assert.equal(seen, complete() ? 8 : 2);
});
