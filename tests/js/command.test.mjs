// The command line, in the three ways in which it is installed: one behaviour.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { place } from "../runtimes/places.mjs";

const ways = {
  cargo: [process.env.TOKENWARD],
  pip: [place(".venv/bin/python"), "-m", "tokenward"],
  npm: [process.execPath, place("node/cli.js")],
};

/** What is typed, and what is given on standard input: `$TOKEN` stands for the token that was printed last. */
const session = [
  ["realm create workspace:hooli --policy styra-das --administrator user:ruchita"],
  ["token create ci/deploy --path ^/v1/systems/ --expires 30d --as user:ruchita"],
  ["explain system-write workspace:hooli/system:dev --path /v1/systems/dev", "$TOKEN"],
  ["bind SystemOwner --at workspace:hooli/system:dev --to token:ci/deploy --output json"],
  ["explain system-write workspace:hooli/system:dev --path /v1/systems/dev --output json", "$TOKEN"],
  ["introspect", "$TOKEN"],
  ["introspect", ""],
  ["token list"],
  ["token rotate ci/deploy --overlap 1h --output json"],
  ["token revoke ci/deploy --dry-run"],
  ["token show ci/deply"],
  ["token create ci/x --path /v1 --as user:ruchita"],
  ["role list --output json"],
  ["audit"],
  ["completions zsh"],
  ["token --help"],
  ["tokn"],
  ["--version"],
];

const folders = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs the session; what is random or of the moment is put out of sight. */
function run([program, ...first]) {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-command-"));
  folders.push(folder);
  const env = { PATH: process.env.PATH, HOME: folder, TOKENWARD_STORE: "sqlite:tokens.db" };
  let token = "";
  return session.map(([line, input = ""]) => {
    const options = {
      cwd: folder,
      env,
      encoding: "utf8",
      input: input.replace("$TOKEN", () => token),
      timeout: 60_000,
    };
    const { status, stdout, stderr, error } = spawnSync(program, [...first, ...line.split(" ")], options);
    if (error) throw error;
    token = /^styra_\w{50}$/m.exec(stdout)?.[0] ?? token;
    return { line, status, stdout: still(stdout), stderr: still(stderr) };
  });
}

const still = (text) =>
  text
    .replace(/styra_\w{50}/g, "TOKEN")
    .replace(/styra_\w{12}/g, "CLIENT")
    .replace(/\btoken:\w{12}\b/g, "token:ID")
    .replace(/"client_secret":"\w+"/g, '"client_secret":"SECRET"')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "INSTANT")
    .replace(/":\d{10}\b/g, '":SECONDS');

test("installed by cargo, pip or npm, the same is answered", () => {
  const [cargo, pip, npm] = [run(ways.cargo), run(ways.pip), run(ways.npm)];
  for (const [index, answer] of cargo.entries()) {
    assert.deepEqual(pip[index], answer);
    assert.deepEqual(npm[index], answer);
  }
  assert.deepEqual(
    cargo.map(({ status }) => status),
    [0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 2, 0, 0, 0, 0, 2, 0],
  );
  assert.equal(cargo[1].stdout, "TOKEN\n");
});

test("pip installs a program of the name", () => {
  const { status, stdout } = spawnSync(place(".venv/bin/tokenward"), ["--version"], { encoding: "utf8" });
  assert.equal(status, 0);
  assert.match(stdout, /^tokenward \d+\.\d+\.\d+\n$/);
});
