// What npm packs is the whole package: unpacked elsewhere, it works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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

    // So does what else it exports, which needs no framework to be imported.
    for (const [path, { types, default: file }] of Object.entries(exports)) {
      if (path === "." || file === undefined) continue; // `file` is not there for package.json itself
      assert.ok(existsSync(join(folder, "package", types)), types);
      const exported = await import(pathToFileURL(join(folder, "package", file)));
      if (file.includes("/web/")) assert.equal(typeof exported.tokenward, "function", path);
    }
    const { tokenward } = await import(pathToFileURL(join(folder, "package", exports["./fetch"].default)));
    const handle = tokenward(authority).authenticate((_request, auth) => new Response(auth.tokenName));
    const request = (headers) => new Request("http://127.0.0.1/", { headers });
    assert.equal(await (await handle(request({ authorization: `Bearer ${token}` }))).text(), "ci");
    assert.equal((await handle(request({}))).status, 401);
  });
}
