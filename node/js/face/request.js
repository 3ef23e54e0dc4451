// What the calls that decide a request check of their arguments. They take plain strings and parse no document; a wrong
// type is a mistake in the program and an error, while wrong content is a decision.

import { optionsOf } from "./arguments.js";
import { typeInvalid } from "./error.js";

export function checkCredential(credential) {
  if (typeof credential !== "string" && credential !== null && credential !== undefined) {
    throw typeInvalid("credential", "text, null or undefined");
  }
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
