// What the calls that decide a request check of their arguments. They take plain strings and parse no document; a wrong
// type is a mistake in the program and an error, while wrong content is a decision.

import { optionsOf } from "./arguments.js";
import { numberInvalid, typeInvalid } from "./error.js";

export function checkCredential(credential) {
  if (typeof credential !== "string" && credential !== null && credential !== undefined) {
    throw typeInvalid("credential", "text, null or undefined");
  }
}

/** A count of something: a whole number, zero or more. */
export function checkCount(value, place) {
  if (typeof value !== "number") throw typeInvalid(place, "a whole number");
  if (!Number.isSafeInteger(value) || value < 0) throw numberInvalid(place);
}

export function checkText(value, place) {
  if (typeof value !== "string") throw typeInvalid(place, "text");
}

/** The path of `"/path"`, of `{ path: "/path" }`, or `undefined`. */
export function pathOf(options) {
  return checkedPath(typeof options === "object" ? optionsOf(options, ["path"]).path : options);
}

export function checkedPath(path) {
  if (path !== undefined && typeof path !== "string") throw typeInvalid("path", "text");
  return path;
}
