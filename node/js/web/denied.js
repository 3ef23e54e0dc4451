// The error of a denied request, for applications that answer all errors in one place.

import { INSPECT } from "../face/inspect.js";
import { responseOf } from "./answer.js";

/**
 * A request that was denied. `status`, `headers` and `body` are the answer to send. `reason` is for the host's own log:
 * it tells apart what clients must not, and so it is not among the fields that a serializer finds.
 */
export class RequestDenied extends Error {
  #reason;

  constructor({ code, status, detail, headers, body }, reason) {
    super(detail);
    this.code = code;
    this.status = status;
    this.statusCode = status;
    this.expose = true;
    this.headers = headers;
    this.body = body;
    this.#reason = reason;
  }

  get name() {
    return "RequestDenied";
  }

  get reason() {
    return this.#reason;
  }

  getResponse() {
    return responseOf(this);
  }

  toJSON() {
    return JSON.parse(this.body);
  }

  [INSPECT]() {
    return `RequestDenied: ${this.code} (${this.#reason})`;
  }
}
