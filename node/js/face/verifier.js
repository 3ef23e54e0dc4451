// A read-only replica from a snapshot, for edge workers and processes that mostly read.

import * as native from "../../native.js";
import { optionsOf } from "./arguments.js";
import { typeInvalid } from "./error.js";
import { clockOf, Registry } from "./registry.js";
import { checkCount, checkText } from "./request.js";
import { opened } from "./results.js";

const LOAD = ["maxAgeSeconds", "clock"];
const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;

/** Decides requests from a snapshot; it changes nothing. */
export class Verifier extends Registry {
  #port;

  constructor(port) {
    super(port);
    this.#port = port;
  }

  static load(snapshot, options) {
    const { maxAgeSeconds, clock } = optionsOf(options, LOAD);
    if (maxAgeSeconds !== undefined) checkCount(maxAgeSeconds, "max_age_seconds");
    return new Verifier(opened(native.load(bytesOf(snapshot), maxAgeSeconds, clockOf(clock))));
  }

  apply(events) {
    checkText(events, "events");
    return opened(this.#port.apply(events));
  }
}

/** The bytes of a buffer or a view that nobody else can be writing to. */
function bytesOf(value) {
  const view = ArrayBuffer.isView(value);
  try {
    Reflect.apply(byteLength, view ? value.buffer : value, []);
  } catch {
    throw typeInvalid("snapshot", "a Uint8Array or an ArrayBuffer");
  }
  return view ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}
