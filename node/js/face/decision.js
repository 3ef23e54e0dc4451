// The answer to a request. On the request path it is a few numbers; names and challenge are looked up when
// they are asked for.

import { INSPECT, inspected } from "./inspect.js";
import { unwrap } from "./results.js";

/**
 * The low bits of a code are the reason, counted from 1: a code that got lost on the way is no reason, and throws. Those
 * above say whether there is a token and which permission was asked for.
 */
const REASON = 0x7f;

/** Above the low bits of a code: no permission. */
const NO_PERMISSION = 0xffff;

let codeOf;

/** Whether the permission that was asked for is one that the policy or a role knows. */
export function knowsPermission(decision) {
  return codeOf(decision) >>> 8 !== NO_PERMISSION;
}

/** The answer to a request: a value, also when it is a denial. */
export class Decision {
  static {
    codeOf = (decision) => decision.#code;
  }

  #source;
  #code;
  #revision;
  #id0;
  #id1;
  #id2;
  #details = null;

  /**
   * Takes what the native side left of its last answer.
   *
   * @param {{ reasons: { allowed: boolean, reason: string, status: number,
   *   retryAfter: number | null }[], revisionCell: Float64Array, idCell:
   *   Int32Array, details(code: number, revision: number, id0: number, id1: number, id2: number): (string | null)[] }}
   *   source what decided
   * @param {number} code
   */
  constructor(source, code) {
    const { idCell } = source;
    this.#source = source;
    this.#code = code;
    this.#revision = source.revisionCell[0];
    this.#id0 = idCell[0];
    this.#id1 = idCell[1];
    this.#id2 = idCell[2];
  }

  get allowed() {
    return this.#source.reasons[this.#code & REASON].allowed;
  }

  get reason() {
    return this.#source.reasons[this.#code & REASON].reason;
  }

  get status() {
    return this.#source.reasons[this.#code & REASON].status;
  }

  get retryAfter() {
    return this.#source.reasons[this.#code & REASON].retryAfter;
  }

  get revision() {
    return this.#revision;
  }

  get wwwAuthenticate() {
    return this.#detail(0);
  }

  get principal() {
    return this.#detail(1);
  }

  get owner() {
    return this.#detail(2);
  }

  get tokenId() {
    return this.#detail(3);
  }

  get tokenName() {
    return this.#detail(4);
  }

  get realm() {
    return this.#detail(5);
  }

  toJSON() {
    const { allowed, reason, status, wwwAuthenticate, retryAfter } = this;
    const { principal, owner, tokenId, tokenName, realm, revision } = this;
    return {
      allowed,
      reason,
      status,
      wwwAuthenticate,
      retryAfter,
      principal,
      owner,
      tokenId,
      tokenName,
      realm,
      revision,
    };
  }

  [INSPECT](_depth, options, inspect) {
    return inspected("Decision", this.toJSON(), options, inspect);
  }

  #detail(index) {
    this.#details ??= this.#source.details(this.#code, this.#revision, this.#id0, this.#id1, this.#id2);
    return this.#details[index];
  }
}

/** The decision of an answer, unless the answer is an outcome, which is an error then. */
export function decided(source, code) {
  if (typeof code !== "number") unwrap(code);
  return new Decision(source, code);
}

/**
 * The table that codes are looked up in, from what the core lists: `allowed 200`, `stale 503 5` and so on.
 *
 * @param {string[]} list
 */
export function reasonTable(list) {
  const rows = list.map((line) => {
    const [reason, status, seconds] = line.split(" ");
    const retryAfter = seconds === undefined ? null : Number(seconds);
    return Object.freeze({ allowed: reason === "allowed", reason, status: Number(status), retryAfter });
  });
  return [undefined, ...rows];
}
