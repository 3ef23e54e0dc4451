// The wheel and the source distribution, installed and used.

import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { place } from "../runtimes/places.mjs";
import { empty, packed, run, wheel } from "./installing.mjs";

/** Every interpreter from 3.10 on: those on the path, and those that pyenv keeps. */
function pythons() {
  const kept = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  const own = existsSync(kept) ? readdirSync(kept).map((version) => join(kept, version, "bin/python3")) : [];
  const named = Array.from({ length: 10 }, (_, index) => `python3.${index + 10}`);
  const found = new Map();
  for (const program of [...own, ...named, "python3"]) {
    try {
      const asked = ["-c", "import sys; print(*sys.version_info[:2], sys.implementation.name)"];
      const [major, minor, kind] = run(place(""), program, asked).trim().split(" ");
      const version = `${major}.${minor}`;
      if (kind === "cpython" && major === "3" && Number(minor) >= 10 && !found.has(version))
        found.set(version, program);
    } catch {
      // No such interpreter here.
    }
  }
  return found;
}

const STORY = `
import sys
from importlib.metadata import version
from tokenward import Authority, NotFoundError

with Authority.open("sqlite:tokens.db", policy="styra-das") as authority:
    authority.create_realm("workspace:hooli", administrator="user:ruchita")
    ruchita = authority.session("workspace:hooli", "user:ruchita")
    issued = ruchita.issue("ci/deploy", paths=["^/v1/systems/"], lifetime_days=30)
    ruchita.bind("SystemOwner", at="workspace:hooli/system:dev", subjects=["token:ci/deploy"])
    write = authority.guard("system-write", "workspace:hooli/system:{system}")
    assert write.authorize(issued.token, "/v1/systems/dev", system="dev")
    assert write.authorize(issued.token, "/v1/systems/dev", system="prod").reason == "permission_missing"
    try:
        ruchita.revoke("nothing")
    except NotFoundError as error:
        print(error.code, version("tokenward"), "site-packages" in sys.modules["tokenward"].__file__)
`;

function environment(name, python) {
  const folder = empty(name);
  run(folder, python, ["-m", "venv", "env"]);
  const program = join(folder, "env/bin/python");
  const pip = (...words) => run(folder, program, ["-m", "pip", "--disable-pip-version-check", "--quiet", ...words]);
  return { folder, program, pip };
}

function tellStory({ folder, program }) {
  writeFileSync(join(folder, "story.py"), STORY);
  const [code, version, installed] = run(folder, program, ["-I", "story.py"]).trim().split(" ");
  assert.deepEqual([code, installed], ["token_not_found", "True"]);
  const command = run(folder, join(folder, "env/bin/tokenward"), ["--version"]).trim();
  assert.equal(command, `tokenward ${version}`);
  const listed = run(folder, join(folder, "env/bin/tokenward"), ["token", "list", "--store", "sqlite:tokens.db"]);
  assert.match(listed, /ci\/deploy/);
}

test("one wheel, in every Python there is", async (t) => {
  const found = pythons();
  assert.ok(found.size > 0);
  for (const [version, python] of found) {
    await t.test(`Python ${version}`, () => {
      const there = environment(`python-${version}`, python);
      there.pip("install", "--no-index", wheel);
      assert.equal(
        run(there.folder, there.program, ["-m", "pip", "freeze"]).trim().split("\n").length,
        1,
        "no dependencies",
      );
      tellStory(there);
    });
  }
});

test("the source distribution builds where Rust is", () => {
  const there = environment("python-source", place(".venv/bin/python"));
  // What was compiled before need not be compiled again.
  const env = { ...process.env, CARGO_TARGET_DIR: place("target") };
  const words = ["-m", "pip", "--disable-pip-version-check", "--quiet", "install", packed("python", /\.tar\.gz$/)];
  run(there.folder, there.program, words, { env });
  tellStory(there);
});

test("a strict type checker understands a user's file", () => {
  const there = environment("python-types", place(".venv/bin/python"));
  there.pip("install", "--no-index", wheel);
  const file = join(there.folder, "app.py");
  const right = `
from tokenward import Authority, Decision, Reason

def decide(authority: Authority, token: str) -> Reason:
    decision: Decision = authority.authorize(token, "item-read", "organization:acme/project:web/item:1", path="/items/1")
    return decision.reason
`;
  const check = () =>
    run(there.folder, place(".venv/bin/mypy"), ["--strict", "--python-executable", there.program, file]);
  writeFileSync(file, right);
  check();
  writeFileSync(file, right.replace("-> Reason", "-> int").replace("path=", "paht="));
  assert.throws(
    check,
    (error) => /Unexpected keyword argument "paht"/.test(error.message) && /"int"/.test(error.message),
  );
});
