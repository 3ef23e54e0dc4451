// The npm packages, installed and used in every Node.js, with the addon of this platform and without one.

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place } from "../runtimes/places.mjs";
import { addon, EXPECTED, empty, install, ISSUED, main, nodes, packages, run, wasm } from "./installing.mjs";
import { host } from "./targets.mjs";

test("npm packages have no scripts, and the main one names every platform", () => {
  for (const file of readdirSync(join(packages, "npm"))) {
    const manifest = JSON.parse(run(packages, "tar", ["-xzOf", join(packages, "npm", file), "package/package.json"]));
    assert.equal(manifest.scripts, undefined, file);
    assert.equal(manifest.dependencies, undefined, file);
    if (manifest.name === "tokenward") {
      assert.equal(manifest.optionalDependencies[`@tokenward/${host}`], manifest.version);
      assert.ok(Object.values(manifest.optionalDependencies).every((version) => version === manifest.version));
    }
  }
});

test("the npm package with the addon of this platform, in every Node.js", async (t) => {
  const folder = empty("node");
  install(folder, main, addon);
  writeFileSync(join(folder, "app.js"), ISSUED);
  writeFileSync(join(folder, "app.cjs"), 'console.log(typeof require("tokenward").Authority.open);');
  for (const [version, node] of Object.entries(nodes)) {
    await t.test(`Node.js ${version}`, () => {
      assert.match(run(folder, node, ["--version"]), new RegExp(`^v${version}\\.`));
      assert.deepEqual(JSON.parse(run(folder, node, ["app.js", `sqlite:tokens-${version}.db`])), {
        engine: "native",
        ...EXPECTED,
      });
      assert.equal(run(folder, node, ["--no-warnings", "app.cjs"]), "function\n");
    });
  }
  assert.match(run(folder, "npx", ["tokenward", "token", "list", "--store", "sqlite:tokens-20.db"]), /ci\/deploy/);
});

test("where no addon fits, the module decides, and says what is not there", () => {
  const folder = empty("fallback");
  install(folder, main);
  writeFileSync(join(folder, "app.js"), ISSUED);
  for (const node of Object.values(nodes)) {
    assert.deepEqual(JSON.parse(run(folder, node, ["app.js", "memory:"])), { engine: "wasm", ...EXPECTED });
  }
  writeFileSync(
    join(folder, "refused.js"),
    `import { Authority, InputError, readExport } from "tokenward";
    const code = (error) => [error.code, error.place, error instanceof InputError, /no native addon/.test(error.message)];
    console.log(JSON.stringify([
      await Authority.open("sqlite:tokens.db").catch(code),
      (() => { try { readExport("knox", "[]"); } catch (error) { return code(error); } })(),
    ]));`,
  );
  assert.deepEqual(JSON.parse(run(folder, nodes[26], ["refused.js"])), [
    ["store_unknown", "store", true, true],
    ["operation_unknown", "", true, true],
  ]);
  assert.throws(() => run(folder, "npx", ["tokenward", "realm", "list"]), /no native addon/);
});

test("a strict type checker understands a user's TypeScript, as a module and as CommonJS", () => {
  const folder = empty("types");
  install(folder, main, wasm);
  const options = {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["app.*"] }));
  const right = `import { Authority, type Reason } from "tokenward";
import { Verifier } from "tokenward-wasm";
export async function decide(token: string): Promise<Reason> {
  const authority = await Authority.open("memory:", { policy: "default" });
  const verifier = Verifier.load(await authority.snapshot(), { maxAgeSeconds: 60 });
  return verifier.authorize(token, "item-read", "organization:acme/project:web/item:1", { path: "/" }).reason;
}
`;
  const check = () => run(folder, place("tests/node_modules/.bin/tsc"), ["-p", folder]);
  for (const name of ["app.mts", "app.cts"]) writeFileSync(join(folder, name), right);
  check();
  writeFileSync(join(folder, "app.mts"), right.replace("maxAgeSeconds", "maxAge").replace('"memory:"', "7"));
  assert.throws(check, /maxAge[\s\S]*number|number[\s\S]*maxAge/);
});
