// The JavaScript of the pages in docs/: the blocks of a page are one program, and print what the page says.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tests = ["js", "edge", "web"].flatMap((folder) =>
  readdirSync(join(root, "tests", folder))
    .filter((name) => name.endsWith(".test.mjs"))
    .map((name) => readFileSync(join(root, "tests", folder, name), "utf8")),
);

/** The fenced blocks of a page: language and text. */
const blocks = (page) =>
  Array.from(readFileSync(join(root, page), "utf8").matchAll(/^```(\S*)\n(.*?)^```$/gms), ([, ...block]) => block);

const pages = readdirSync(join(root, "docs"), { recursive: true })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`)
  .filter((page) => blocks(page).some(([language]) => language === "js"))
  // What needs files, workers or frameworks around it has a test of its own, which names the page.
  .filter((page) => !tests.some((text) => text.includes(page)));

test("there are pages", () => assert.ok(pages.some((page) => page.endsWith("tutorial/node.md"))));

for (const page of pages) {
  test(page, async (t) => {
    const all = blocks(page);
    const program = all.filter(([language]) => language === "js").map(([, text]) => text);
    const expected = all.filter(([language], at) => language === "text" && all[at - 1]?.[0] === "js");
    const folder = mkdtempSync(join(tmpdir(), "tokenward-docs-"));
    const home = process.cwd();
    const lines = [];
    t.mock.method(console, "log", (...values) => lines.push(...format(...values).split("\n")));
    try {
      symlinkSync(join(root, "tests/node_modules"), join(folder, "node_modules"), "dir");
      process.chdir(folder);
      writeFileSync(join(folder, "page.mjs"), program.join("\n"));
      await import(pathToFileURL(join(folder, "page.mjs")));
    } finally {
      process.chdir(home);
      rmSync(folder, { recursive: true, force: true });
    }
    const wanted = expected.flatMap(([, text]) => text.trimEnd().split("\n"));
    assert.equal(lines.length, wanted.length, lines.join("\n"));
    for (const [at, pattern] of wanted.entries()) {
      const parts = pattern.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      assert.match(lines[at], new RegExp(`^${parts.join(".*")}$`));
    }
  });
}
