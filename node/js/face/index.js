// What both packages export, each noun in a file of its own.

export { Authority } from "./authority.js";
export { Decision } from "./decision.js";
export {
  ConflictError,
  DeniedError,
  InputError,
  InternalError,
  NotFoundError,
  StateError,
  StoreError,
  TokenwardError,
} from "./error.js";
export { Guard } from "./guard.js";
export { Issued } from "./issued.js";
export { Session } from "./session.js";
export { Verifier } from "./verifier.js";
