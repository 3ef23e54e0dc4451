// What the calls that decide a request check of their arguments. They take plain strings and parse no document; a wrong
// type is a mistake in the program and an error, while wrong content is a decision.

import { optionsOf } from "./arguments.js";
import { fieldUnknown, numberInvalid, typeInvalid } from "./error.js";

const { getPrototypeOf, hasOwn } = Object;
const plain = Object.prototype;
const PATH = ["path"];

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
  if (typeof options !== "object") return checkedPath(options);
  checkOptions(options, PATH);
  return checkedPath(ownOf(options, "path"));
}

export function checkedPath(path) {
  if (path !== undefined && typeof path !== "string") throw typeInvalid("path", "text");
  return path;
}

/** Whether it is an object as literals make them, of which nothing more need be asked. */
export function isPlain(object) {
  return getPrototypeOf(object) === plain;
}

/** Refuses options of other names. Nothing is allocated for an object as literals make them. */
export function checkOptions(options, names, place = "") {
  if (typeof options !== "object" || options === null || !isPlain(options)) {
    optionsOf(options ?? null, names, place);
    return;
  }
  let index = 0;
  for (const name in options) {
    index += 1;
    if (!names.includes(name) && hasOwn(options, name)) throw fieldUnknown(`field ${index}`);
  }
}

/** The object's own value of a name. */
export function ownOf(object, name) {
  return hasOwn(object, name) ? object[name] : undefined;
}
