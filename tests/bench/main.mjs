// Speed and size beside peers: runs what `cargo bench --package conformance` has not, and writes results.json and
// results.md beside this file, whose budgets the README quotes. `quick` takes few tokens and writes to .build/bench instead.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../runtimes/places.mjs";
import { budgets, count, quantity } from "./budgets.mjs";
import { collect, machine } from "./collect.mjs";
import { budgetTable, quote } from "./quote.mjs";

const quick = process.argv.includes("quick");
const sizes = quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
const folder = place(".build/bench");
const target = quick ? folder : place("tests/bench");

const on = machine();
const rows = await collect(folder, sizes, quick ? 1 : 3);
const nodes = [...new Set(rows.map(({ part }) => /^Node (\d+)$/.exec(part)?.[1]).filter(Boolean))].sort();
const value = (part, name, size) => {
  const found = rows.find((row) => row.part === part && row.name === name && row.size === size);
  if (!found) throw new Error(`nothing measured: ${part}, ${name}, ${size}`);
  return found.value;
};
const grown = rows.find(({ name }) => name === "open from the log alone").size;
const table = budgets(value, { most: sizes.at(-1), edge: sizes[1], nodes, grown });

const kept = "A ratio of at most 1.00 keeps the budget.";
const markdown = `${heading()}\n## Budgets\n\n${kept}\n\n${budgetTable(table)}\n${parts().map(partTable).join("\n")}`;
writeFileSync(join(target, "results.json"), `${JSON.stringify({ machine: on, budgets: table, rows }, null, 2)}\n`);
writeFileSync(join(target, "results.md"), markdown);
if (!quick) quote(table);
console.log(`\n${markdown}`);
console.log(`==> bench: written to ${join(target, "results.json")} and results.md`);

function heading() {
  const { cpu, cores, memory, kernel, rust, python, node } = on;
  return `# What \`make bench\` measured

${cpu}, ${cores} cores, ${memory}, Linux ${kernel}; Rust ${rust}, Python ${python}, Node ${node}.

Written by \`make bench\`. Medians of interleaved rounds, each the median of runs of 2,000 calls. Tokens are drawn uniformly
at random from those that there are, each bare, without a name, with one role and a list of paths. Times hold the whole
call; in Python the loop around it is taken off. A virtual machine drifts: ratios are of one run, while absolute times move
by a third from hour to hour.
`;
}

function parts() {
  return [...new Set(rows.map(({ part }) => part))];
}

function partTable(part) {
  const own = rows.filter((row) => row.part === part);
  const seen = [...new Set(own.map(({ size }) => size))].sort((a, b) => a - b).filter((size) => sizes.includes(size));
  const columns = seen.length > 0 ? seen : [1];
  const names = [...new Set(own.map(({ name }) => name))];
  const lines = names.map((name) => {
    const cells = columns.map((size) => {
      const row = own.find((one) => one.name === name && one.size === size);
      return row ? quantity(row.value, row.unit) : "";
    });
    const alone = own.find((one) => one.name === name && !columns.includes(one.size));
    const at = alone && alone.size > 1 ? ` at ${count(alone.size)}` : "";
    return `| ${name} | ${alone ? quantity(alone.value, alone.unit) + at : ""} | ${cells.join(" | ")} |`;
  });
  const titles = columns.map((size) => (size === 1 ? "" : `${count(size)} tokens`));
  return `## ${part}\n\n| what | | ${titles.join(" | ")} |\n|---|---|${columns.map(() => "---|").join("")}\n${lines.join("\n")}\n`;
}
