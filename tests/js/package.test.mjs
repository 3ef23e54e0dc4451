// What npm packs is the whole package: unpacked elsewhere, it works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

for (const name of ["wasm", "node"]) {
  test(`the package in ${name}/ works from what is packed of it`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "tokenward-package-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const source = fileURLToPath(new URL(`../../${name}`, import.meta.url));
    const printed = execFileSync("npm", ["pack", source, "--json", "--silent", "--pack-destination", folder]);
    const [{ filename }] = JSON.parse(printed);
    execFileSync("tar", ["-xzf", filename], { cwd: folder });
    const { exports } = JSON.parse(
      execFileSync("tar", ["-xzOf", filename, "package/package.json"], { cwd: folder, encoding: "utf8" }),
    );
    const entry = exports["."].node ?? exports["."].default;
    const { Authority } = await import(pathToFileURL(join(folder, "package", entry)));
    const authority = await Authority.open("memory:");
    await authority.createRealm("organization:acme", { administrator: "user:alice" });
    const { token } = await (await authority.session("organization:acme", "user:alice")).issue({ name: "ci" });
    assert.equal(authority.authenticate(token).tokenName, "ci");
  });
}
