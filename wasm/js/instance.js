// The one instance of the module in this program, and what becomes of it when it traps.

import { InternalError } from "../dist/face/error.js";
import * as glue from "../dist/tokenward_bg.js";

let trap = null;

/** Throws unless the instance can be called. */
export function assertAlive() {
  if (trap !== null) throw dead();
}

/**
 * What a call threw. A refusal comes back as an outcome; anything else has left the instance in the middle of something,
 * and it is not called again.
 *
 * @param {unknown} thrown
 * @returns {string[]}
 */
export function refused(thrown) {
  if (typeof thrown !== "string") {
    trap ??= { cause: thrown };
    throw dead();
  }
  return outcomeOf(thrown);
}

/** The outcome of a code that was found on this side. */
export const refusal = (code, place = "") => outcomeOf(glue.refusal(code, place));

/** Of a refusal: four lines, category, code, place, message. */
export function outcomeOf(text) {
  return ["error", ...text.split("\n", 4)];
}

function dead() {
  const message = "the WASM instance trapped and cannot be used any more; load the module again";
  return new InternalError("internal", "instance_dead", "", message, trap);
}
