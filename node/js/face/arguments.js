// Arguments cross into the core as one JSON document, judged by the core's one parser. Names become snake_case here, and
// what JSON cannot say is refused here: NaN, fractions, BigInt, boxed strings, functions, class instances of the language.
// Everything else (unknown names, missing fields, wrong types, limits) is left to the core, so that all faces agree.

import { fieldUnknown, numberInvalid, typeInvalid } from "./error.js";
import { isDate, seconds } from "./instant.js";

const { isArray } = Array;
const { keys, getPrototypeOf, hasOwn } = Object;
const { isSafeInteger } = Number;
const { apply } = Reflect;
const quote = JSON.stringify;
const tagOf = Object.prototype.toString;

/** Deeper than any document that the core accepts; a value that contains itself ends here. */
const DEPTH = 32;
/** Longer than any list that the core accepts. */
const LENGTH = 65_536;
/** Options that are instants. */
const INSTANTS = ["expiresAt", "createdAt", "lastUsed"];
/** A key that looks like the name of an option. Other keys are counted and not named: they may be misplaced secrets. */
const OPTION_NAME = /^[a-z]{1,12}(?:[A-Z][a-z]{1,12}){0,3}$/;

/**
 * The JSON text of one call: values that have a position, then the caller's options.
 *
 * @param {Record<string, unknown>} positional by snake_case name; `undefined` is absent
 * @param {unknown} options the caller's object with camelCase names, or `undefined`
 * @returns {string}
 */
export function argumentsText(positional, options) {
  const entries = [];
  for (const name of keys(positional)) {
    const value = positional[name];
    if (value !== undefined) entries.push(`${quote(name)}:${valueText(value, name, snakeCase, 1)}`);
  }
  if (options !== undefined) mapEntries(options, "", snakeCase, 0, entries);
  return `{${entries.join(",")}}`;
}

/** The JSON text of a document, whose names are snake_case already. */
export function documentText(document, place) {
  return valueText(document, place, (name) => name, 0);
}

/**
 * The caller's own options by their camelCase names, for calls whose options are not a document.
 *
 * @param {unknown} options an object, or `undefined`
 * @param {string[] | undefined} names the only names that are known; `undefined` for any
 * @param {string} place of the options in the call
 * @returns {Record<string, unknown>} without a prototype
 */
export function optionsOf(options, names, place = "") {
  const taken = { __proto__: null };
  if (options === undefined) return taken;
  checkMap(options, place);
  const given = keys(options);
  for (let index = 0; index < given.length; index++) {
    const name = given[index];
    if (names !== undefined && !names.includes(name)) throw fieldUnknown(`field ${index + 1}`);
    taken[name] = options[name];
  }
  return taken;
}

function valueText(value, place, spell, depth) {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!isSafeInteger(value) || Object.is(value, -0)) throw numberInvalid(place);
      return `${value}`;
    case "object":
      if (value === null) return "null";
      if (depth > DEPTH) throw typeInvalid(place, "fewer levels of nesting");
      if (isArray(value)) return listText(value, place, spell, depth);
      return `{${mapEntries(value, place, spell, depth, []).join(",")}}`;
    default:
      throw typeInvalid(place, "text, a number, true, false, a list or a map");
  }
}

function listText(list, place, spell, depth) {
  if (list.length > LENGTH) throw typeInvalid(place, "a list of at most 65536 items");
  const items = [];
  for (let index = 0; index < list.length; index++) {
    const item = hasOwn(list, index) ? list[index] : undefined;
    items.push(valueText(item, `${place}[${index}]`, spell, depth + 1));
  }
  return `[${items.join(",")}]`;
}

function mapEntries(map, place, spell, depth, entries) {
  checkMap(map, place);
  const names = keys(map);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const value = map[name];
    if (value === undefined) continue;
    const spelled = spell(name);
    const part = OPTION_NAME.test(name) ? spelled : `field ${index + 1}`;
    const at = place === "" ? part : `${place}.${part}`;
    const instant = spell === snakeCase && INSTANTS.includes(name);
    const text = instant ? instantText(value, at) : valueText(value, at, spell, depth + 1);
    entries.push(`${quote(spelled)}:${text}`);
  }
  return entries;
}

/** Only `Date`: a number would leave open whether it counts seconds or milliseconds. */
function instantText(value, place) {
  if (value === null) return "null";
  if (!isDate(value)) throw typeInvalid(place, "a Date");
  return `${seconds(value, place)}`;
}

/**
 * Maps are plain objects. Own names count and nothing else; whoever puts options into a prototype is told, since they
 * would be ignored. A prototype at the root of its realm may be polluted and is not looked at.
 */
function checkMap(map, place) {
  if (typeof map !== "object" || map === null || isArray(map)) throw typeInvalid(place, "an object");
  if (apply(tagOf, map, []) !== "[object Object]") throw typeInvalid(place, "a plain object");
  let above = getPrototypeOf(map);
  for (let level = 0; above !== null; level++) {
    const next = getPrototypeOf(above);
    if (level === DEPTH) throw typeInvalid(place, "a plain object");
    if (next !== null && keys(above).length > 0) throw fieldUnknown(place === "" ? "prototype" : `${place}.prototype`);
    above = next;
  }
}

/** `lifetimeDays` to `lifetime_days`. `_` is doubled, so that `lifetime_days` is as unknown here as any other name. */
function snakeCase(name) {
  return name.replace(/[A-Z_]/g, (letter) => (letter === "_" ? "__" : `_${letter.toLowerCase()}`));
}
