// The fixture of the table: an authority, and the steps that fill it. Runs beside the application, in its runtime.

import { callAuthority, callSession, spelled } from "../js/vector_calls.mjs";
import { edited } from "../js/vector_edits.mjs";

const START = 1_800_000_000;
const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\.([a-z0-9_.]+)((?:\|[^{}|]+)*)\}/g;
const dateOf = (seconds) => new Date(seconds * 1000);

export class World {
  #sessions = new Map();

  /** @param {import("tokenward").Authority} authority */
  constructor(authority) {
    this.authority = authority;
  }

  static async open({ Authority }, policy) {
    return new World(await Authority.open("memory:", { policy, clock: dateOf(START) }));
  }

  /** Performs steps, and answers what they saved as documents. */
  async perform(steps) {
    const saved = {};
    for (const step of steps) {
      if (Object.hasOwn(step, "clock")) {
        this.authority.setClock(dateOf(step.clock));
        continue;
      }
      const session = step.as === undefined ? undefined : this.#sessions.get(step.as);
      const given = step.with ?? {};
      const result = await (session
        ? callSession(session, step.do, given)
        : callAuthority(this.authority, step.do, given));
      if (step.save === undefined) continue;
      this.#sessions.set(step.save, result);
      saved[step.save] = spelled(step.do, result);
    }
    return saved;
  }
}

/** A value of the table with its placeholders and long texts filled in from what was saved. */
export async function filled(value, saved) {
  if (typeof value === "string") return filledText(value, saved);
  if (Array.isArray(value)) return Promise.all(value.map((item) => filled(item, saved)));
  if (typeof value !== "object" || value === null) return value;
  if (Object.hasOwn(value, "repeat")) {
    const { repeat, prefix, suffix } = value;
    return prefix + repeat.text.repeat(repeat.times) + suffix;
  }
  const entries = Object.entries(value).map(async ([name, field]) => [name, await filled(field, saved)]);
  return Object.fromEntries(await Promise.all(entries));
}

async function filledText(text, saved) {
  let result = "";
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, alias, field, edits] = match;
    let part = saved[alias][field];
    for (const edit of edits.split("|").slice(1)) part = await edited(part, edit, (name) => saved[name]);
    result += text.slice(end, match.index) + part;
    end = match.index + whole.length;
  }
  return result + text.slice(end);
}
