// Results come out of the core as documents. Their names become camelCase and their instants `Date` by one rule, so that
// a field which the core adds is there without a change here.

import { failure } from "./error.js";
import { date } from "./instant.js";

const { defineProperty, entries } = Object;
const { isArray } = Array;
const parse = JSON.parse;

/**
 * The outcome of a call as the native side gives it: a kind, then texts.
 *
 * `["document", json]`, `["issued", json, clientId, clientSecret, token]` or `["error", category, code, place, message]`.
 *
 * @param {string[]} outcome
 * @returns {string[]} the same, unless it is an error, which is thrown
 */
export function unwrap(outcome) {
  if (outcome[0] === "error") throw failure(outcome[1], outcome[2], outcome[3], outcome[4]);
  return outcome;
}

/** What a native call gave, unless it is an outcome, which is an error then. */
export function opened(given) {
  return isArray(given) ? unwrap(given) : given;
}

/** A document as it is: snake_case, instants in seconds. */
export function documentOf(outcome) {
  return parse(unwrap(outcome)[1]);
}

/** A document as JavaScript spells it. */
export function resultOf(outcome) {
  return camelCased(documentOf(outcome));
}

export function camelCased(value) {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(camelCased);
  const result = {};
  for (const [name, field] of entries(value)) {
    define(result, camelCase(name), isInstant(name, field) ? date(field) : camelCased(field));
  }
  return result;
}

/** Adds an own property whatever stands in the prototype, `__proto__` and setters included. */
export function define(object, name, value) {
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function camelCase(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function isInstant(name, value) {
  return typeof value === "number" && (name === "at" || name === "last_used" || name.endsWith("_at"));
}
