// What can go wrong. Codes, places and messages come from the core and are passed on as they are; the few that are made
// here concern values that JavaScript has and a JSON document has not.

/**
 * The base of every error that this package throws on purpose.
 *
 * `code` is permanent and meant for programs; `message` is meant for people and may change. Neither holds anything of
 * the input, which may be a secret.
 */
export class TokenwardError extends Error {
  /** The permanent snake_case code, such as `paths_empty`. */
  code;
  /** Where in the call, in the spelling of documents (`lifetime_days`, `paths[1]`); `""` when the whole call is meant. */
  place;
  /** `input`, `denied`, `not_found`, `conflict`, `state`, `store` or `internal`: one subclass each. */
  category;

  constructor(category, code, place, message, options) {
    super(message, options);
    this.code = code;
    this.place = place;
    this.category = category;
  }

  get name() {
    return "TokenwardError";
  }
}

/** The call was wrong: a field, a number, a name, a document. */
export class InputError extends TokenwardError {
  get name() {
    return "InputError";
  }
}

/** The session's principal may not do this. (A denied *request* is a {@link Decision}, not an error.) */
export class DeniedError extends TokenwardError {
  get name() {
    return "DeniedError";
  }
}

/** What the call names does not exist. */
export class NotFoundError extends TokenwardError {
  get name() {
    return "NotFoundError";
  }
}

/** It exists already, or changed in between. */
export class ConflictError extends TokenwardError {
  get name() {
    return "ConflictError";
  }
}

/** The registry, the realm or the session does not permit this now. */
export class StateError extends TokenwardError {
  get name() {
    return "StateError";
  }
}

/** The store failed or is damaged. */
export class StoreError extends TokenwardError {
  get name() {
    return "StoreError";
  }
}

/** The library failed; please report it. */
export class InternalError extends TokenwardError {
  get name() {
    return "InternalError";
  }
}

const CLASSES = new Map([
  ["input", InputError],
  ["denied", DeniedError],
  ["not_found", NotFoundError],
  ["conflict", ConflictError],
  ["state", StateError],
  ["store", StoreError],
  ["internal", InternalError],
]);

/** The error of a category; a category that is not known here is the base class. */
export function failure(category, code, place, message, options) {
  const Class = CLASSES.get(category) ?? TokenwardError;
  return new Class(category, code, place, message, options);
}

/** The value at `place` has the wrong type; `expected` says which one is right. */
export function typeInvalid(place, expected) {
  const message = `the value has the wrong type (expected ${expected})`;
  return new InputError("input", "type_invalid", place, place === "" ? message : `${place}: ${message}`);
}

/** The number at `place` is none that a document can hold. */
export function numberInvalid(place) {
  return new InputError(
    "input",
    "number_invalid",
    place,
    `${place}: the number must be a whole number between -(2^53-1) and 2^53-1`,
  );
}

/** The value at `place` is a field that nothing knows here. */
export function fieldUnknown(place) {
  return new InputError("input", "field_unknown", place, `${place}: the field is not known here`);
}
