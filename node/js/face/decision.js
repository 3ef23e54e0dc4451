// The answer to a request. On the request path it is a code and three numbers; names and challenge are looked up when
// they are asked for.

import { INSPECT, inspected } from "./inspect.js";

/** The low bits of a code are the reason, those above the permission that was asked for. */
const REASON = 0xff;

/** The answer to a request: a value, also when it is a denial. */
export class Decision {
  #source;
  #code;
  #serial;
  #revision;
  #details = null;

  /**
   * @param {{ reasons: object[], details(code: number, serial: number, revision: number): (string | null)[] }} source
   *   what decided
   */
  constructor(source, code, serial, revision) {
    this.#source = source;
    this.#code = code;
    this.#serial = serial;
    this.#revision = revision;
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
    const { allowed, reason, status, wwwAuthenticate, principal, owner, tokenId, tokenName, realm, revision } = this;
    return { allowed, reason, status, wwwAuthenticate, principal, owner, tokenId, tokenName, realm, revision };
  }

  [INSPECT](_depth, options, inspect) {
    return inspected("Decision", this.toJSON(), options, inspect);
  }

  #detail(index) {
    this.#details ??= this.#source.details(this.#code, this.#serial, this.#revision);
    return this.#details[index];
  }
}
