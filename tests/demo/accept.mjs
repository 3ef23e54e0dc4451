// The Node process: opens the store that the Python process writes to, by its path alone, and decides with it. It takes
// one JSON document a line and answers each with another.

import { createInterface } from "node:readline";
import { Authority } from "tokenward";
import { gate } from "./routes.mjs";

/** Decisions of one measurement, and measurements of which the best counts. */
const CALLS = 2000;
const ROUNDS = 7;

const authority = await Authority.open(process.argv[2]);
const decide = gate(authority);
answer({ ready: `node ${process.versions.node}` });

for await (const line of createInterface({ input: process.stdin })) {
  const { credential, path, timed } = JSON.parse(line);
  const { allowed, reason, status } = decide(credential, path);
  answer({ allowed, reason, status, nanoseconds: timed ? measured(credential, path) : null });
}
await authority.close();

function measured(credential, path) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const began = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call++) decide(credential, path);
    return Number(process.hrtime.bigint() - began) / CALLS;
  });
  return Math.min(...rounds);
}

function answer(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
