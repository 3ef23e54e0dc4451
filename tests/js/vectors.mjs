// Runs the vectors through the public API of a JavaScript face. Nothing of a particular runtime is used here.

import { callAuthority, callSession, spelled } from "./vector_calls.mjs";
import { edited } from "./vector_edits.mjs";
import { difference } from "./vector_matching.mjs";

const START = 1_800_000_000;
const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\.([a-z0-9_.]+)((?:\|[^{}|]+)*)\}/g;

/**
 * Runs every vector through the public API of one JavaScript face.
 *
 * @param {{ api: object, vectors: Record<string, { vectors: object[] }>, face: string, log: (line: string) => void }} given
 * @returns {Promise<{ ran: number, failed: number, lines: string[] }>}
 */
export async function run({ api, vectors, face }) {
  const lines = [];
  let ran = 0;
  let failed = 0;
  for (const [file, { vectors: rows, ...shared }] of Object.entries(vectors)) {
    for (const vector of rows) {
      if (vector.skip?.[face]) continue;
      ran += 1;
      const fault = await new Run(api, { ...shared, ...vector }).fault();
      if (fault) {
        failed += 1;
        lines.push(`FAIL ${file} ${vector.name}: ${fault}`);
      }
    }
  }
  return { ran, failed, lines };
}

/** One vector being run. */
class Run {
  #api;
  #vector;
  #authority;
  #now = START;
  /** By alias: what the face answered, and the same as vectors spell it. */
  #saved = new Map();

  constructor(api, vector) {
    this.#api = api;
    this.#vector = vector;
  }

  /** The first thing that is not as expected, or `null`. */
  async fault() {
    let at = "open";
    try {
      const { policy, steps } = this.#vector;
      this.#authority = await this.#api.Authority.open("memory:", { policy, clock: dateOf(this.#now) });
      for (const [index, step] of (steps ?? this.#documentSteps()).entries()) {
        at = `step ${index + 1}${step.do ? ` (${step.do})` : ""}`;
        const fault = await this.#step(step);
        if (fault) return `${at}: ${fault}`;
      }
      return null;
    } catch (error) {
      return `${at}: ${error?.code ? `${error.code} at "${error.place}"` : (error?.stack ?? error)}`;
    } finally {
      // A clock that the vector has set may be one with which nothing can be written.
      await this.#authority?.close().catch(() => undefined);
    }
  }

  async #step(step) {
    if (Object.hasOwn(step, "clock")) return this.#setClock(step.clock);
    let outcome;
    try {
      const given = await this.#resolved(step.with ?? {});
      const result = await this.#call(step, given);
      outcome = { result, document: spelled(step.do, result) };
      if (step.save) this.#saved.set(step.save, outcome);
    } catch (error) {
      if (!(error instanceof this.#api.TokenwardError)) throw error;
      return this.#leak(error) ?? (await this.#refusal(error, step.expect));
    }
    if (!step.expect) return null;
    const expected = await this.#resolved(step.expect);
    if (Object.hasOwn(expected, "error"))
      return `succeeded with ${JSON.stringify(outcome.document)}, expected ${expected.error}`;
    return difference(outcome.document ?? null, expectedValue(expected));
  }

  async #refusal(error, expect) {
    if (!expect?.error) return `${error.name} ${error.code} at "${error.place}": ${error.message}`;
    const { error: code, place } = await this.#resolved(expect);
    if (error.code !== code) return `${error.code} at "${error.place}", expected ${code}`;
    if (place !== undefined && error.place !== place) return `${code} at "${error.place}", expected at "${place}"`;
    return null;
  }

  /** No error holds eight characters in a row of a secret. */
  #leak({ message, place }) {
    for (const { document } of this.#saved.values()) {
      const secret = typeof document?.client_secret === "string" ? document.client_secret : "";
      for (let index = 0; index + 8 <= secret.length; index++) {
        const part = secret.slice(index, index + 8);
        if (message.includes(part) || place.includes(part)) return "the error holds a part of a secret";
      }
    }
    return null;
  }

  #call({ do: operation, as, on }, given) {
    const special = SPECIAL[operation];
    if (special) return special(this.#context(on), given);
    if (as !== undefined) return callSession(this.#result(as), operation, given);
    return callAuthority(on === undefined ? this.#authority : this.#result(on), operation, given);
  }

  #context(on) {
    return {
      api: this.#api,
      authority: this.#authority,
      target: on === undefined ? this.#authority : this.#result(on),
      clock: dateOf(this.#now),
      saved: (alias) => this.#result(alias),
    };
  }

  #setClock(now) {
    this.#now = now;
    this.#authority.setClock(dateOf(now));
    for (const { result } of this.#saved.values()) {
      if (result instanceof this.#api.Verifier) result.setClock(dateOf(now));
    }
    return null;
  }

  #result(alias) {
    const entry = this.#saved.get(alias);
    if (!entry) throw new Error(`nothing is saved as ${alias}`);
    return entry.result;
  }

  /** A value of a vector with its placeholders and long strings filled in. */
  async #resolved(value) {
    if (typeof value === "string") return this.#filled(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return Promise.all(value.map((item) => this.#resolved(item)));
    if (Object.hasOwn(value, "repeat")) {
      const { repeat, prefix = "", suffix = "" } = value;
      return (
        (await this.#filled(prefix)) +
        (await this.#filled(repeat.text)).repeat(repeat.times) +
        (await this.#filled(suffix))
      );
    }
    const fields = Object.entries(value).map(async ([key, field]) => [key, await this.#resolved(field)]);
    return Object.fromEntries(await Promise.all(fields));
  }

  async #filled(text) {
    let filled = "";
    let end = 0;
    for (const { 0: placeholder, 1: alias, 2: path, 3: edits, index } of text.matchAll(PLACEHOLDER)) {
      let value = this.#field(alias, path);
      if (typeof value !== "string" && placeholder === text) return value;
      for (const edit of edits.split("|").slice(1))
        value = await edited(String(value), edit, (other) => this.#saved.get(other).document);
      filled += text.slice(end, index) + value;
      end = index + placeholder.length;
    }
    return filled + text.slice(end);
  }

  #field(alias, path) {
    const entry = this.#saved.get(alias);
    if (!entry) throw new Error(`nothing is saved as ${alias}`);
    const value = path.split(".").reduce((document, name) => document?.[name], entry.document);
    if (value === undefined) throw new Error(`${alias} has no ${path}`);
    return value;
  }

  /** A row of raw text: one call of the boundary behind the face. */
  #documentSteps() {
    const { setup = [], as = "system", operation, text, expect } = this.#vector;
    return [...setup, { do: "_call", with: { session: as, operation, text }, expect }];
  }
}

/** Operations that the runner makes of several calls. */
const SPECIAL = {
  open: async ({ api, clock }, { policy }) => (await api.Authority.open("memory:", { policy, clock })).close(),
  revision: ({ target }) => target.revision,
  guard_authorize: ({ saved }, { guard, credential, path, params }) => {
    const options = { ...(path === undefined ? {} : { path }), ...(params === undefined ? {} : { params }) };
    return params === undefined
      ? saved(guard).authorize(credential, path)
      : saved(guard).authorize(credential, options);
  },
  load_verifier: async ({ api, authority, clock }, { max_age_seconds: maxAgeSeconds, realm }) =>
    api.Verifier.load(await authority.snapshot({ realm }), { maxAgeSeconds, clock }),
  apply_events: async ({ authority, saved }, { verifier, realm }) => {
    const replica = saved(verifier);
    return replica.apply(await authority.events(replica.revision, { realm }));
  },
  save_as_json: ({ saved }, { issued }) => saved(issued).toJson(),
  save_as_csv: ({ saved }, { issued }) => saved(issued).toCsv(),
  _call: ({ saved }, { session, operation, text }) => saved(session)._call(operation, text),
};

function expectedValue(expected) {
  if (Object.hasOwn(expected, "decision"))
    return { reason: expected.decision, allowed: expected.decision === "allowed" };
  return expected.value;
}

const dateOf = (seconds) => new Date(seconds * 1000);
