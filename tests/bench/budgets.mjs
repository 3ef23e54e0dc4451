// The budgets, each with the numbers that it is about. A ratio is what was measured over what was allowed.

const RUST = "cargo bench --package conformance";
const ALL = "make bench";

/**
 * @param {(part: string, name: string, size?: number) => number} value
 * @param {{ most: number, edge: number, nodes: string[], grown: number }} given the largest size, that of an edge worker, the
 *   Nodes, and the size of the store with a long history
 * @returns {{ what: string, budget: string, measured: string, ratio?: number | null, command: string }[]}
 */
export function budgets(value, { most, edge, nodes, grown }) {
  const rust = (name, size = most) => value("Rust", name, size);
  const floor = rust("one block of SHA-256", 1) + rust("one random access to memory");
  const host = value("Rust host", "host: guard", most);
  const authorize = rust("authorize");
  const rows = [
    row(
      `Rust \`authorize\`, ${count(most)} tokens`,
      "1.5 × (one SHA-256 + one random access)",
      authorize,
      1.5 * floor,
      RUST,
      {
        note: `${ns(rust("one block of SHA-256", 1))} + ${ns(rust("one random access to memory"))}`,
      },
    ),
    row(
      `Rust \`authorize\`, ${count(most)} tokens`,
      "by hand with sha2 and a HashMap",
      authorize,
      rust("by hand: sha2, HashMap, texts"),
      RUST,
    ),
    row(
      `Rust \`authorize\` allocates, ${count(most)} calls`,
      "nothing",
      rust("allocations of all these calls of authorize"),
      0,
      RUST,
      { unit: "times" },
    ),
    row(`Rust \`authorize_many\`, each of ${count(most)} tokens`, "100 ns", rust("authorize_many"), 100, RUST),
    row("Rust refuses a token with one letter wrong", "100 ns", rust("junk: a token with one letter wrong"), 100, RUST),
    row("Rust refuses a JWT", "100 ns", rust("junk: a JWT"), 100, RUST),
    row("Python `guard.authorize` over Rust's", "60 ns", value("Python", "guard", most) - host, 60, ALL),
    row(
      "Python `guard.authorize`",
      "a third of hashlib and a dictionary",
      value("Python", "guard", most),
      value("Python", "by hand: hashlib, dict", most) / 3,
      ALL,
    ),
  ];
  for (const node of nodes) {
    const guard = value(`Node ${node}`, "guard", most);
    rows.push(row(`Node ${node} \`guard.authorize\` over Rust's`, "150 ns", guard - host, 150, ALL));
    rows.push(
      row(
        `Node ${node} \`guard.authorize\``,
        "a third of crypto.hash and a Map",
        guard,
        value(`Node ${node}`, "by hand: crypto.hash, Map", most) / 3,
        ALL,
      ),
    );
  }
  for (const node of nodes) {
    const part = `WASM in Node ${node}`;
    rows.push(
      row(
        `WASM in Node ${node} \`guard.authorize\`, ${count(edge)} tokens`,
        "600 ns",
        value(part, "guard", edge),
        600,
        ALL,
      ),
    );
    rows.push(
      row(`WASM in Node ${node}: load of ${count(edge)} tokens`, "15 ms", value(part, "snapshot load", edge), 15, ALL, {
        unit: "ms",
      }),
    );
    rows.push(
      row(
        `WASM in Node ${node}: first load of ${count(edge)} tokens`,
        "15 ms",
        value(part, "first snapshot load of a process", edge),
        15,
        ALL,
        { unit: "ms" },
      ),
    );
    rows.push(
      row(`WASM in Node ${node}: compile and start`, "5 ms", value(part, "compile and start", 1), 5, ALL, {
        unit: "ms",
      }),
    );
  }
  return [
    ...rows,
    row("WASM module, gzip", "100 kB", value("WASM", "module, gzip", 1), 100, ALL, { unit: "kB" }),
    row(`Rust loads a snapshot of ${count(most)} tokens`, "100 ms", rust("snapshot load") / 1e6, 100, RUST, {
      unit: "ms",
    }),
    row(`Memory, each of ${count(most)} tokens, index included`, "100 bytes", rust("memory, each token"), 100, RUST, {
      unit: "bytes",
    }),
    row(
      `Rust loads a snapshot of ${count(most)} tokens with names`,
      "100 ms",
      rust("snapshot load, tokens with names") / 1e6,
      100,
      RUST,
      { unit: "ms" },
    ),
    row(
      `Memory, each of ${count(most)} tokens with names`,
      "100 bytes",
      rust("memory, each token with a name"),
      100,
      RUST,
      { unit: "bytes" },
    ),
    row(
      "Reader beside a writer, median",
      "as without one",
      rust("reader while somebody writes, median", 2000),
      rust("reader while nobody writes, median", 2000),
      RUST,
    ),
    ...stores((name, size = 1) => value("Growth", name, size), grown),
    row(
      "Worker: a revocation published and seen over HTTP, 99 %",
      "100 ms",
      value("Edge", "revocation published to a folder and seen by workerd over HTTP, 99 %", 1),
      100,
      ALL,
      { unit: "ms" },
    ),
  ];
}

/** What stores cost: opening after a long history, how soon others see a change, and what is written each second. */
function stores(growth, grown) {
  const history = `${count(grown)} tokens, ${count(10 * grown)} changes`;
  const decisions = (when) => growth(`decisions, one thread, ${when}`, grown);
  const rows = [
    row(`SQLite: open ${history}, no snapshot`, "60 s", growth("open from the log alone", grown) / 1e3, 60, ALL, {
      unit: "s",
    }),
    row(`SQLite: open ${history}, with a snapshot`, "1 s", growth("open from a snapshot", grown) / 1e3, 1, ALL, {
      unit: "s",
    }),
    row(
      "Decisions each second beside 100 changes each second, one thread",
      "as without",
      decisions("beside changes"),
      decisions("nobody changes anything"),
      ALL,
      { unit: "/s", more: true },
    ),
  ];
  for (const store of ["SQLite", "PostgreSQL"]) {
    const seen = (share) => growth(`revocation seen by another process, ${store}, ${share}`);
    const options = { unit: "ms", note: `median ${quantity(seen("median"), "ms")}` };
    rows.push(row(`${store}: a revocation seen by another process, 99 %`, "100 ms", seen("99 %"), 100, ALL, options));
  }
  for (const [store, part] of [
    ["SQLite", ""],
    ["PostgreSQL", ", PostgreSQL"],
  ]) {
    for (const writers of ["1 writer", "4 writers"]) {
      rows.push(told(`${store}: changes each second, ${writers}`, growth(`appends${part}, ${writers}, single`), "/s"));
    }
  }
  return rows;
}

/** A number without a budget. */
function told(what, value, unit) {
  return { what, budget: "–", measured: quantity(value, unit), value, command: ALL };
}

function row(what, budget, measured, allowed, command, { unit = "ns", note, more = false } = {}) {
  const text = `${quantity(measured, unit)}${note ? ` (${note})` : ""}`;
  return {
    what,
    budget,
    measured: text,
    value: measured,
    allowed,
    // Where more is better, the other way round.
    ratio: more ? allowed / measured : allowed === 0 ? (measured === 0 ? 0 : null) : measured / allowed,
    command,
  };
}

/** A value with its unit; long times in longer units. */
export function quantity(value, unit) {
  if (unit === "ns" && value >= 1e6) return `${number(value / 1e6)} ms`;
  if (unit === "ns" && value >= 1e4) return `${number(value / 1e3)} µs`;
  return `${number(value)} ${unit}`.trimEnd();
}

function number(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

export function count(value) {
  return value >= 1e6 ? `${value / 1e6} million` : value.toLocaleString("en");
}

function ns(value) {
  return quantity(value, "ns");
}
