import type { Decision } from "./decision.js";

/** The base of every error that this package throws on purpose. */
export class TokenwardError extends Error {
  protected constructor();
  /** The permanent snake_case code, such as `paths_empty`. */
  readonly code: string;
  /** Where in the call, in the spelling of documents (`lifetime_days`, `paths[1]`); `""` when the whole call is meant. */
  readonly place: string;
  readonly category: Category;
}

/** The kind of failure, one subclass of {@link TokenwardError} each. */
export type Category = "input" | "denied" | "not_found" | "conflict" | "state" | "store" | "internal";

/** The call was wrong: a field, a number, a name, a document. */
export class InputError extends TokenwardError {
  protected constructor();
  readonly category: "input";
}

/** The session's principal may not do this. (A denied *request* is a {@link Decision}, not an error.) */
export class DeniedError extends TokenwardError {
  protected constructor();
  readonly category: "denied";
}

/** What the call names does not exist. */
export class NotFoundError extends TokenwardError {
  protected constructor();
  readonly category: "not_found";
}

/** It exists already, or changed in between. */
export class ConflictError extends TokenwardError {
  protected constructor();
  readonly category: "conflict";
}

/** The registry, the realm or the session does not permit this now. */
export class StateError extends TokenwardError {
  protected constructor();
  readonly category: "state";
}

/** The store failed or is damaged. */
export class StoreError extends TokenwardError {
  protected constructor();
  readonly category: "store";
}

/** The library failed; please report it. */
export class InternalError extends TokenwardError {
  protected constructor();
  readonly category: "internal";
}
