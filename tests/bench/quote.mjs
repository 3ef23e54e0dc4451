// What the README quotes of the results: the budgets, those of the newest Node alone. Alone, it quotes what results.json
// holds; `check` only says whether that is what is quoted.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { place } from "../runtimes/places.mjs";

const README = place("README.md");
const SECTION = /(?<=<!-- bench -->\n[\s\S]*?)(?:^\|.*\n)+(?=[\s\S]*?<!-- \/bench -->)/m;

/** The table of budgets in Markdown. */
export function budgetTable(budgets) {
  const lines = budgets.map(
    ({ what, budget, measured, ratio, command }) =>
      `| ${what} | ${budget} | ${measured} | ${ratio === undefined ? "–" : (ratio?.toFixed(2) ?? "above")} | \`${command}\` |\n`,
  );
  return `| what | at most | measured | ratio | command |\n|---|---|---|---|---|\n${lines.join("")}`;
}

/** Puts the budgets into the README, in place of the table that it quotes. */
export function quote(budgets) {
  writeFileSync(README, quoted(budgets));
}

function quoted(budgets) {
  const text = readFileSync(README, "utf8");
  if (!SECTION.test(text)) throw new Error("README.md has no table between <!-- bench --> and <!-- /bench -->");
  const nodes = budgets.map(({ what }) => Number(/\bNode (\d+)/.exec(what)?.[1])).filter(Boolean);
  const newest = Math.max(...nodes);
  const shown = budgets.filter(({ what }) => !/\bNode \d/.test(what) || what.includes(`Node ${newest}`));
  return text.replace(SECTION, () => budgetTable(shown));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { budgets } = JSON.parse(readFileSync(place("tests/bench/results.json"), "utf8"));
  if (!process.argv.includes("check")) quote(budgets);
  else if (readFileSync(README, "utf8") !== quoted(budgets)) {
    console.error("README.md does not quote tests/bench/results.json: node tests/bench/quote.mjs");
    process.exitCode = 1;
  }
}
