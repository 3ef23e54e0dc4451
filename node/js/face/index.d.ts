// The types of both packages, by noun. Written by hand: these are the pages that editors show.
//
// Where not said otherwise: instants are `Date` with whole seconds, durations say their unit in their name, an option
// that is `undefined` is absent, and `null` is an error. Every method can throw (or reject with) an `InputError`, and
// every method that returns a Promise a `StoreError`; only what comes on top of that is listed.

export type { AuditEntry } from "./audit.js";
export { Authority, type OpenOptions } from "./authority.js";
export type { Binding } from "./binding.js";
export { Decision, type DecisionFields, type Reason, type Status } from "./decision.js";
export {
  ConflictError,
  DeniedError,
  InputError,
  InternalError,
  NotFoundError,
  StateError,
  StoreError,
  TokenwardError,
  type Category,
} from "./error.js";
export type { Explanation, ExplanationStep } from "./explanation.js";
export { Guard, type GuardParameters } from "./guard.js";
export type { ImportedToken } from "./imports.js";
export type { Introspection } from "./introspection.js";
export { Issued, type IssueForOptions, type IssueOptions, type Lifetime } from "./issued.js";
export type { Lint } from "./lint.js";
export type { DecisionHooks, Hooks, Observation } from "./observation.js";
export type { PolicyDocument, PolicySource } from "./policy.js";
export type { Content, Published, Target } from "./publication.js";
export type { Realm, Settings } from "./realm.js";
export type { Credential, Request } from "./request.js";
export type { Role } from "./role.js";
export { Session, type Check } from "./session.js";
export type { Origin, Scheme, Token, TokenStatus } from "./token.js";
export type { User } from "./user.js";
export { Verifier, type LoadOptions } from "./verifier.js";
