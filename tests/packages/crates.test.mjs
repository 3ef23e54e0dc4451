// The crates, as they are packed. That they compile is seen when they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { packages, packed, run } from "./installing.mjs";

test("crates carry what they need and nothing else", () => {
  for (const name of ["tokenward", "tokenward-host", "tokenward-cli"]) {
    const crate = packed("crates", new RegExp(`^${name}-\\d`));
    const files = run(packages, "tar", ["-tzf", crate])
      .trim()
      .split("\n")
      .map((path) => path.replace(/^[^/]+\//, ""));
    for (const needed of ["Cargo.toml", "README.md", "src/lib.rs"]) {
      assert.ok(
        files.includes(needed) || (needed === "README.md" && files.some((path) => path.endsWith(".md"))),
        `${name}: ${needed}`,
      );
    }
    assert.deepEqual(
      files.filter((path) => /(^|\/)(node_modules|target|dist)\//.test(path)),
      [],
    );
    const manifest = run(packages, "tar", ["-xzOf", crate, "--wildcards", "*/Cargo.toml"]);
    for (const field of ["description", "license", "readme", "keywords", "categories", "rust-version"]) {
      assert.match(manifest, new RegExp(`^${field} = `, "m"), `${name}: ${field}`);
    }
  }
});
