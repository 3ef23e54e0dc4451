// Runs the table of wire cases against one application on loopback.

import assert from "node:assert/strict";
import { ask } from "./client.mjs";
import table from "./cases.json" with { type: "json" };
import { filled } from "./world.mjs";

/** Where the fixture takes its steps; the application does not see it. */
export const CONTROL = "/-/perform";

/**
 * @param {{ port: number, variant: string, departures?: Record<string, { expect: object, why: string }> }} server a case that a
 *   framework cannot answer as the table says is a departure, with the reason
 * @returns {Promise<{ ran: number, departed: string[], faults: string[] }>}
 */
export async function run({ port, variant, departures = {} }) {
  const saved = {};
  const faults = [];
  const departed = [];
  let ran = 0;
  for (const { steps, cases } of table.groups) {
    const performed = await ask(port, { method: "POST", target: CONTROL, body: JSON.stringify(steps) });
    assert.equal(performed.status, 200, performed.body);
    Object.assign(saved, JSON.parse(performed.body));
    for (const { name, only, request, expect } of cases) {
      if (only !== undefined && only !== variant) continue;
      ran += 1;
      const other = departures[name]?.expect;
      if (other) departed.push(name);
      const fault = await faultOf(port, await filled(request, saved), await filled(other ?? expect, saved)).catch(
        String,
      );
      if (fault !== null) faults.push(`${variant}: ${name}: ${fault}`);
    }
  }
  return { ran, departed, faults };
}

async function faultOf(port, request, { status, refused, problem, headers = {}, answer, body, exactly }) {
  const given = await ask(port, request);
  const row = problem === undefined ? {} : table.problems[problem];
  const shown = () => `${given.status} ${[...given.headers].map((pair) => pair.join(": ")).join("; ")} ${given.body}`;
  if (refused !== undefined) return refused.includes(given.status) ? null : `not ${refused}: ${shown()}`;
  if (given.status !== (row.status ?? status)) return `not ${row.status ?? status}: ${shown()}`;
  for (const [name, value] of Object.entries({ ...row.headers, ...headers })) {
    if ((given.headers.get(name) ?? null) !== value) return `${name} is not ${value}: ${shown()}`;
  }
  if (problem !== undefined) {
    const { title, detail } = row;
    const type = given.headers.get("content-type")?.split(";")[0];
    if (type !== "application/problem+json") return `no problem document: ${shown()}`;
    const wanted = { type: "about:blank", title, status: row.status, detail, code: problem };
    return difference(JSON.parse(given.body), wanted) && shown();
  }
  if (exactly !== undefined) return difference(JSON.parse(given.body), exactly) && shown();
  const wanted = answer ?? body;
  if (wanted === undefined) return null;
  const document = JSON.parse(given.body);
  return difference(Object.fromEntries(Object.keys(wanted).map((name) => [name, document[name]])), wanted) && shown();
}

function difference(given, wanted) {
  try {
    assert.deepEqual(given, wanted);
    return null;
  } catch (error) {
    return error.message;
  }
}
