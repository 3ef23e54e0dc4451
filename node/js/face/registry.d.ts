import type { Decision } from "./decision.js";
import type { Explanation } from "./explanation.js";
import type { Guard } from "./guard.js";
import type { Introspection } from "./introspection.js";
import type { Lint } from "./lint.js";
import type { DecisionHooks } from "./observation.js";
import type { PolicyDocument } from "./policy.js";
import type { Credential, Request } from "./request.js";

/** The request operations. They wait for nothing: a request is decided from memory. */
export class Registry {
  /** The revision of the registry: how many events it holds. */
  readonly revision: number;
  /** Seconds since the registry was known to be up to date. */
  readonly age: number;
  /**
   * Decides whether a token may do something to a resource.
   *
   * @param credential what the request presents
   * @param permission the name of a permission
   * @param resource a resource such as `workspace:hooli/system:dev`
   * @param options the path of the request target, needed where tokens are restricted by path
   */
  authorize(
    credential: Credential,
    permission: string,
    resource: string,
    options?: string | { readonly path?: string | undefined },
  ): Decision;
  /** Decides many requests from one state of the registry; the decisions are in the order of the requests. */
  authorizeMany(requests: readonly Request[]): Decision[];
  /**
   * Decides whether a token is valid, in any realm or in the one given, whatever it may do.
   *
   * @param options the realm; and the path of the request target, to accept only tokens that may reach it
   */
  authenticate(
    credential: Credential,
    options?: { readonly realm?: string | undefined; readonly path?: string | undefined },
  ): Decision;
  /**
   * Checks a permission and a resource template (`organization:{org}/database:{db}`) once, at start-up.
   *
   * @throws InputError `permission_unknown`, `guard_template_invalid`, `kind_mismatch`
   */
  guard(permission: string, template: string): Guard;
  /** RFC 7662: what a token is, or `{ active: false }` and nothing else. */
  introspect(token: string, options?: { readonly realm?: string | undefined }): Introspection;
  /** Decides as {@link Registry.authorize} does, and says step by step why. For people; slower. */
  explain(
    credential: Credential,
    permission: string,
    resource: string,
    options?: { readonly path?: string | undefined },
  ): Explanation;
  /** Warns of path patterns that match more than they seem to. */
  lint(patterns: readonly string[]): Lint[];
  /** The policy as a document. */
  policy(): PolicyDocument;
  /** The regular expression that finds the policy's tokens in text, for secret scanners. */
  scanPattern(): string;
  /** Tells a hook of each decision from now on, beside those that are there already. */
  observe(hooks: DecisionHooks): void;
  /** Fixes the clock, for tests; without an argument the system's clock counts again. */
  setClock(instant?: Date | null): void;
}
