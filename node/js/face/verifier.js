// A read-only replica from a snapshot, for edge workers and processes that mostly read.

import * as native from "../../native.js";
import { numberInvalid, typeInvalid } from "./error.js";
import { optionsOf } from "./arguments.js";
import { clockOf, opened, Registry } from "./registry.js";
import { resultOf } from "./results.js";

const LOAD = ["maxAgeSeconds", "clock"];
const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;

export class Verifier extends Registry {
  #port;

  constructor(port) {
    super(port);
    this.#port = port;
  }

  static load(snapshot, options) {
    const { maxAgeSeconds, clock } = optionsOf(options, LOAD);
    if (maxAgeSeconds !== undefined) {
      if (typeof maxAgeSeconds !== "number") throw typeInvalid("max_age_seconds", "a whole number");
      if (!Number.isSafeInteger(maxAgeSeconds) || maxAgeSeconds < 0) throw numberInvalid("max_age_seconds");
    }
    return new Verifier(opened(native.load(bytesOf(snapshot, "snapshot"), maxAgeSeconds, clockOf(clock))));
  }

  get age() {
    return this.#port.age();
  }

  apply(events) {
    return resultOf(this.#port.apply(bytesOf(events, "events")));
  }
}

/** The bytes of a buffer or a view that nobody else can be writing to. */
function bytesOf(value, place) {
  const view = ArrayBuffer.isView(value);
  try {
    Reflect.apply(byteLength, view ? value.buffer : value, []);
  } catch {
    throw typeInvalid(place, "a Uint8Array or an ArrayBuffer");
  }
  return view ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}
