// What issuing answers, once. The secret is read by name or revealed as a file, and shows itself in no other way.

import { INSPECT, inspected } from "./inspect.js";
import { define, resultOf } from "./results.js";

const REDACTED = "[redacted]";
const { entries, freeze } = Object;

/** A token that was just issued, with its secret. */
export class Issued {
  #clientSecret;
  #token;

  constructor(outcome) {
    for (const [name, value] of entries(resultOf(outcome))) define(this, name, value);
    define(this, "clientId", outcome[2]);
    this.#clientSecret = outcome[3];
    this.#token = outcome[4];
    freeze(this);
  }

  get clientSecret() {
    return this.#clientSecret;
  }

  get token() {
    return this.#token;
  }

  toJson() {
    return JSON.stringify({ clientId: this.clientId, secret: this.#clientSecret, token: this.#token });
  }

  toCsv() {
    const row = [this.clientId, this.#clientSecret, this.roles.join("; "), this.#token];
    return `${quoted(["Client Id", "Client Secret", "Role", "Token"])}\r\n${quoted(row)}\r\n`;
  }

  toJSON() {
    return { ...this, clientSecret: REDACTED, token: REDACTED };
  }

  toString() {
    return `Issued(${this.clientId})`;
  }

  [INSPECT](_depth, options, inspect) {
    return inspected("Issued", this.toJSON(), options, inspect);
  }
}

function quoted(cells) {
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
}
