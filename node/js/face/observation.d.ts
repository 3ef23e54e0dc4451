import type { AuditEntry } from "./audit.js";
import type { Reason, Status } from "./decision.js";

/**
 * What a hook is told of a decision. Nothing here is taken from the request but what the policy or the registry knows
 * already: no credential, no path, no resource.
 */
export interface Observation {
  /** Why. */
  readonly reason: Reason;
  /** Whether the request is allowed. */
  readonly allowed: boolean;
  /** The HTTP status. */
  readonly status: Status;
  /** The permission asked for; `null` where none was, or nobody knows such a permission. */
  readonly permission: string | null;
  /** The token's realm. This and what follows about a token is `null` unless its secret matched. */
  readonly realm: string | null;
  /** The token's client id, which is public. */
  readonly tokenId: string | null;
  /** Whom the request acts as. */
  readonly principal: string | null;
  /** The revision of the state that decided. */
  readonly revision: number;
  /** How long deciding took, in nanoseconds. Of `authorizeMany` each decision has its part of the whole. */
  readonly durationNs: number;
}

/** A hook for decisions. The request waits for it. Of what it asks itself nobody is told. */
export interface DecisionHooks {
  readonly onDecision?: ((observation: Observation) => unknown) | undefined;
}

/** Hooks for decisions and changes. What they throw goes to the console and changes nothing. */
export interface Hooks extends DecisionHooks {
  /**
   * Called for each change, once and in order, whichever process made it: in Node.js within 100 ms, in WebAssembly as soon
   * as the registry has it.
   */
  readonly onChange?: ((entry: AuditEntry) => unknown) | undefined;
}
