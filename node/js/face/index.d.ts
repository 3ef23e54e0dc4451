// The types of both packages. Written by hand: this is the page that editors show.
//
// Where not said otherwise: instants are `Date` with whole seconds, durations say their unit in their name, an option
// that is `undefined` is absent, and `null` is an error. Every method can throw (or reject with) an `InputError`, and
// every method that returns a Promise a `StoreError`; only what comes on top of that is listed.

import type { StoreAddress } from "../../store.js";

/** Text, or a policy document as an object in the spelling of documents (snake_case). */
export type PolicySource = string | PolicyDocument;

/** A policy document; see the documentation of policies for its fields. */
export interface PolicyDocument {
  name: string;
  [field: string]: unknown;
}

/** What a request presents: the value of its `Authorization` header, or a bare token; `null` or `undefined` if it has none. */
export type Credential = string | null | undefined;

/** Why a request is allowed or not. The list is closed. */
export type Reason =
  | "allowed"
  | "no_credential"
  | "request_malformed"
  | "path_invalid"
  | "token_malformed"
  | "token_unknown"
  | "secret_mismatch"
  | "token_expired"
  | "token_not_yet_valid"
  | "token_revoked"
  | "token_disabled"
  | "realm_mismatch"
  | "api_access_disabled"
  | "owner_removed"
  | "path_not_allowed"
  | "permission_missing"
  | "permission_unknown"
  | "resource_invalid"
  | "stale"
  | "clock_implausible"
  | "unavailable";

/** The status to answer with when the request is not allowed; 200 when it is. */
export type Status = 200 | 400 | 401 | 403 | 503;

/** The fields of a {@link Decision} as a plain object. */
export interface DecisionFields {
  /** Whether the request is allowed. */
  readonly allowed: boolean;
  /**
   * Why. For the host's own log: outside, every 401 looks the same. `token_expired`, `token_revoked` and
   * `token_disabled` are told only after the secret matched.
   */
  readonly reason: Reason;
  /** The HTTP status. */
  readonly status: Status;
  /** The `WWW-Authenticate` value (RFC 6750) to send with a 400, 401 or 403; `null` otherwise. */
  readonly wwwAuthenticate: string | null;
  /** Who acts, such as `token:alice/test` or `user:ruchita`; `null` unless the secret matched. */
  readonly principal: string | null;
  /** Who owns the token; `null` unless the secret matched. */
  readonly owner: string | null;
  /** The client id of the token; `null` unless the secret matched. */
  readonly tokenId: string | null;
  /** The name of the token; `null` if it has none, or unless the secret matched. */
  readonly tokenName: string | null;
  /** The realm of the token; `null` unless the secret matched. */
  readonly realm: string | null;
  /** The revision of the registry that decided. */
  readonly revision: number;
}

/**
 * The answer to a request: a value, also when it is a denial.
 *
 * Every object is true in JavaScript: ask `decision.allowed`. The names of principal, owner, token and realm are looked
 * up when they are first read; read them before the registry changes if they go into a log.
 */
export class Decision implements DecisionFields {
  private constructor();
  readonly allowed: boolean;
  readonly reason: Reason;
  readonly status: Status;
  readonly wwwAuthenticate: string | null;
  readonly principal: string | null;
  readonly owner: string | null;
  readonly tokenId: string | null;
  readonly tokenName: string | null;
  readonly realm: string | null;
  readonly revision: number;
  /** All fields as a plain object. */
  toJSON(): DecisionFields;
}

/** One request of {@link Authority.authorizeMany}. */
export interface Request {
  readonly credential?: Credential;
  /** The name of a permission. */
  readonly permission: string;
  /** A resource such as `workspace:hooli/system:dev`. */
  readonly resource: string;
  /** The path of the request target, as it came, without the query. */
  readonly path?: string | undefined;
}

/** One question of {@link Session.canMany}. */
export interface Check {
  readonly permission: string;
  readonly resource: string;
}

/** An answer of `explain`: the decision, and the steps that led to it. */
export interface Explanation {
  readonly decision: Omit<DecisionFields, "revision"> & { readonly revision?: number };
  /** In the order in which they were taken; the last one that did not pass decided. */
  readonly steps: readonly ExplanationStep[];
  /** What would have satisfied the step that failed; `null` when the request is allowed or nothing would. */
  readonly remedy: string | null;
}

/** One step of an {@link Explanation}; further fields say what it looked at. */
export interface ExplanationStep {
  readonly step: string;
  readonly passed: boolean;
  readonly [detail: string]: unknown;
}

/** An introspection answer (RFC 7662): a document, so its names are snake_case and its instants seconds since 1970. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly client_id: string;
      readonly sub: string;
      readonly username?: string;
      readonly iss: string;
      readonly iat: number;
      readonly exp?: number;
      readonly scope: string;
      readonly token_type: "Bearer";
    };

/** A warning of `lint` about one path pattern. */
export interface Lint {
  /** Which of the patterns given. */
  readonly index: number;
  /** The permanent code of the warning. */
  readonly code: string;
  readonly message: string;
}

/** A realm: the boundary in which tokens are issued and valid. */
export interface Realm {
  readonly realm: string;
  readonly createdAt: Date;
  readonly settings: Settings;
}

/** The settings of a realm. */
export interface Settings {
  /** Whether any token of the realm works. */
  readonly apiAccess: boolean;
  /** Whether others than administrators may issue tokens. */
  readonly individualTokens: boolean;
  /** The longest lifetime of a new token in days; -1 for no limit. */
  readonly maximumLifetimeDays: number;
}

/** A token as a list shows it: everything but its secret. */
export interface Token {
  /** The public part of the token. */
  readonly clientId: string;
  readonly name: string | null;
  readonly description: string | null;
  /** Path patterns, one of which a request's path must match; `null` for no restriction by path. */
  readonly paths: readonly string[] | null;
  readonly roles: readonly string[];
  readonly owner: string | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  /** The first instant at which the token no longer works; `null` for never. */
  readonly expiresAt: Date | null;
  /** Kept in memory and written in batches; `null` for never. */
  readonly lastUsed: Date | null;
  readonly status: TokenStatus;
}

export type TokenStatus = "active" | "expired" | "revoked" | "disabled";

/** A role: a named set of permissions. */
export interface Role {
  readonly name: string;
  readonly description: string | null;
  /** Names of permissions; `["*"]` for all, now and later. */
  readonly permissions: readonly string[];
  /** Resource patterns that narrow the role; `null` for none. */
  readonly resources: readonly string[] | null;
  /** Whether it comes with the policy and cannot be changed. */
  readonly predefined: boolean;
}

/** A role at a resource, for subjects. */
export interface Binding {
  readonly id: string;
  readonly role: string;
  readonly resource: string;
  /** Principals, such as `user:ruchita` or `token:ci/deploy`. */
  readonly subjects: readonly string[];
  readonly createdAt: Date;
  readonly createdBy: string | null;
}

/** A user of a realm. */
export interface User {
  readonly user: string;
  readonly createdAt: Date;
  readonly hasPassword: boolean;
}

/** A change, as `audit` lists it. */
export interface AuditEntry {
  readonly revision: number;
  readonly at: Date;
  /** The principal that made the change; `system` for the host itself. */
  readonly by: string;
  readonly realm: string | null;
  readonly operation: string;
  readonly subject: string | null;
}

/** How long a token lives: one of the three, or none for the policy's default. */
export type Lifetime =
  | {
      /** Whole days above zero, or -1 for never. */
      readonly lifetimeDays?: number | undefined;
      readonly expiresAt?: undefined;
      readonly never?: undefined;
    }
  | {
      /** The first instant at which the token no longer works. A fraction of a second is cut off. */
      readonly expiresAt: Date;
      readonly lifetimeDays?: undefined;
      readonly never?: undefined;
    }
  | {
      /** The token never expires, where the policy and the realm allow that. */
      readonly never: boolean;
      readonly lifetimeDays?: undefined;
      readonly expiresAt?: undefined;
    };

/** Options of {@link Session.issue}. Which of them are required, optional or refused is the policy's to say. */
export type IssueOptions = Lifetime & {
  /** The token's name in its realm, `/` between its segments. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Path patterns. No list is no restriction where the policy makes paths optional; an empty list is an error. */
  readonly paths?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
};

/** Options of {@link Session.issueFor}. */
export type IssueForOptions = Lifetime & {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
};

/**
 * A token that was just issued. The secret can be read from this object and from nowhere else, ever.
 *
 * `console.log`, `JSON.stringify`, templates and structured clones do not show it.
 */
export class Issued {
  private constructor();
  /** The public part of the token. */
  readonly clientId: string;
  readonly name: string | null;
  /** The roles given at issue. */
  readonly roles: readonly string[];
  /** The first instant at which the token no longer works; `null` for never. */
  readonly expiresAt: Date | null;
  /** The secret part of the token. */
  get clientSecret(): string;
  /** The whole token, for `Authorization: Bearer`. */
  get token(): string;
  /** Reveals the token as the JSON file to download: `{"clientId","secret","token"}`. */
  toJson(): string;
  /** Reveals the token as the CSV file to download: `Client Id,Client Secret,Role,Token`, quoted. */
  toCsv(): string;
  /** The fields with the secret redacted. */
  toJSON(): {
    readonly clientId: string;
    readonly clientSecret: "[redacted]";
    readonly token: "[redacted]";
    readonly name: string | null;
    readonly roles: readonly string[];
    readonly expiresAt: Date | null;
  };
  toString(): string;
}

/** Parameters of a resource template by name. */
export interface GuardParameters {
  readonly [parameter: string]: string;
}

/** A permission and a resource template, checked once and used for every request of one kind. */
export class Guard {
  private constructor();
  readonly permission: string;
  readonly template: string;
  /**
   * Decides a request.
   *
   * @param credential what the request presents
   * @param options the path of the request target, or an object with `path` and the template's parameters
   * @throws InputError `guard_parameter_missing`, `guard_parameter_unknown`; never for what a request can contain
   */
  authorize(
    credential: Credential,
    options?: string | { readonly path?: string | undefined; readonly params?: GuardParameters | undefined },
  ): Decision;
}

/** The request operations. They wait for nothing: a request is decided from memory. */
declare class Registry {
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
  /** Decides whether a token is valid, in any realm or in the one given, whatever it may do. */
  authenticate(credential: Credential, options?: { readonly realm?: string | undefined }): Decision;
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
  /** Fixes the clock, for tests; without an argument the system's clock counts again. */
  setClock(instant?: Date | null): void;
}

/** Options of {@link Authority.open}. */
export interface OpenOptions {
  /**
   * The name of a preset (`default`, `styra-das`, `astra`, `dataprep`), or a policy document as text or as an object.
   * Absent: the store's own policy; for a new store `default`.
   */
  readonly policy?: PolicySource | undefined;
  /** Whether to replace the store's policy when it is another one. */
  readonly replacePolicy?: boolean | undefined;
  /**
   * Seconds for which the state may not have been known to be the store's newest; from then on every answer is `stale`
   * (503). Absent: no bound.
   */
  readonly maxAgeSeconds?: number | undefined;
  /** A fixed clock, for tests. */
  readonly clock?: Date | undefined;
}

/** Opens a store and holds its registry: decides requests, and opens the sessions that make changes. */
export class Authority extends Registry {
  private constructor();
  /**
   * Opens a store.
   *
   * @throws StateError `policy_mismatch` when the store was made with another policy than the one given
   */
  static open(store: StoreAddress, options?: OpenOptions): Promise<Authority>;
  /**
   * Creates a realm, and binds the policy's administrator role for `administrator`.
   *
   * @throws ConflictError `realm_exists`
   */
  createRealm(
    realm: string,
    options?: { readonly administrator?: string | undefined; readonly settings?: Partial<Settings> | undefined },
  ): Promise<Realm>;
  /** All realms, by name. */
  realms(): Promise<Realm[]>;
  /**
   * Opens the session of a user who gives the password. Takes tens of milliseconds on purpose.
   *
   * @throws DeniedError `login_failed`
   */
  login(realm: string, user: string, password: string): Promise<Session>;
  /**
   * Opens a session proven by a token, which is limited to that token's paths, rights and expiry.
   *
   * @throws DeniedError `login_failed`
   */
  loginWithToken(realm: string, token: string): Promise<Session>;
  /**
   * Opens the session of a principal for which the host vouches.
   *
   * @throws NotFoundError `realm_not_found`
   */
  session(realm: string, principal: string): Promise<Session>;
  /**
   * Opens the session of the host itself, which may do everything: to bootstrap.
   *
   * @throws NotFoundError `realm_not_found`
   */
  system(realm: string): Promise<Session>;
  /** Who changed what, when: at most `limit` (1,000) changes after the revision `after` (0). */
  audit(options?: {
    readonly realm?: string | undefined;
    readonly after?: number | undefined;
    readonly limit?: number | undefined;
  }): Promise<AuditEntry[]>;
  /**
   * Reads what others have appended to the store, and answers the revision reached.
   *
   * @throws StateError `stale` when the store has not reached `revision`
   */
  refresh(options?: { readonly revision?: number | undefined }): Promise<number>;
  /** The registry as bytes, for {@link Verifier.load}. Holds no secret. */
  snapshot(): Promise<Uint8Array>;
  /**
   * The events after a revision as a document, for {@link Verifier.apply}.
   *
   * @throws StoreError `log_missing` when the log does not reach back so far: take a snapshot
   */
  events(after: number): Promise<string>;
  /** Writes what is pending and closes the store. Requests are answered `unavailable` from then on. */
  close(): Promise<void>;
}

/**
 * A principal that has proven itself in a realm. Every change is made by one, and is refused with a `DeniedError`
 * (`not_permitted`, `escalation_denied`) unless the principal may make it; a refused change changes nothing.
 *
 * Where a method takes a token, it takes its name or its client id.
 */
export class Session {
  private constructor();
  readonly realm: string;
  /** Who it is, such as `user:ruchita`; `system` for the host itself. */
  readonly principal: string;

  /**
   * Issues a token. The answer is the only place where its secret can be read.
   *
   * @throws ConflictError `name_taken`
   */
  issue(options?: IssueOptions): Promise<Issued>;
  /**
   * Issues the token that comes with a resource, backed by an ad-hoc role that covers that resource only.
   *
   * @throws StateError `resource_token_off`
   */
  issueFor(resource: string, options?: IssueForOptions): Promise<Issued>;
  /**
   * Gives a token a new secret. The old one works for another `overlapSeconds` (0), never past its own expiry.
   *
   * @throws StateError `rotation_off`, `token_not_active`
   * @throws NotFoundError `token_not_found`
   */
  rotate(token: string, options?: { readonly overlapSeconds?: number | undefined }): Promise<Issued>;
  /** The tokens that the principal may see, those of one status or all. */
  tokens(options?: { readonly status?: TokenStatus | undefined }): Promise<Token[]>;
  /** @throws NotFoundError `token_not_found` */
  token(token: string): Promise<Token>;
  /**
   * Ends a token for good.
   *
   * @throws NotFoundError `token_not_found`
   */
  revoke(token: string): Promise<Token>;
  /**
   * Stops a token until it is enabled again.
   *
   * @throws NotFoundError `token_not_found`
   */
  disable(token: string): Promise<Token>;
  /** @throws NotFoundError `token_not_found` */
  enable(token: string): Promise<Token>;

  /**
   * Makes a custom role.
   *
   * @throws ConflictError `role_exists`
   * @throws StateError `custom_roles_off`
   */
  createRole(
    name: string,
    options: {
      readonly permissions: readonly string[];
      readonly description?: string | undefined;
      readonly resources?: readonly string[] | undefined;
    },
  ): Promise<Role>;
  /**
   * Changes a custom role, at once for all who have it.
   *
   * @throws NotFoundError `role_not_found`
   * @throws StateError `role_predefined`
   */
  updateRole(
    name: string,
    options: {
      readonly description?: string | undefined;
      readonly permissions?: readonly string[] | undefined;
      readonly resources?: readonly string[] | undefined;
    },
  ): Promise<Role>;
  /**
   * Deletes a custom role and takes its rights away at once.
   *
   * @throws NotFoundError `role_not_found`
   * @throws StateError `role_predefined`
   */
  deleteRole(name: string): Promise<void>;
  /** The predefined and the custom roles. */
  roles(): Promise<Role[]>;

  /**
   * Binds a role at a resource. There is one binding for a role at a resource: subjects are added to it, or with
   * `replace` set.
   *
   * @throws NotFoundError `role_not_found`
   */
  bind(
    role: string,
    options: {
      /** A resource. The binding covers it and all below. */
      readonly at: string;
      /** Principals, such as `user:ruchita` or `token:ci/deploy`. */
      readonly subjects: readonly string[];
      readonly replace?: boolean | undefined;
    },
  ): Promise<Binding>;
  /**
   * Ends a binding, or takes subjects from it; `null` when nothing is left of it.
   *
   * @param binding its id
   * @throws NotFoundError `binding_not_found`
   */
  unbind(binding: string, options?: { readonly subjects?: readonly string[] | undefined }): Promise<Binding | null>;
  /** The bindings of a resource, a role, a subject, or all. */
  bindings(options?: {
    readonly resource?: string | undefined;
    readonly role?: string | undefined;
    readonly subject?: string | undefined;
  }): Promise<Binding[]>;

  /**
   * Adds a user, with a password (8 to 1024 bytes) if this library is to check it.
   *
   * @throws ConflictError `user_exists`
   */
  addUser(user: string, options?: { readonly password?: string | undefined }): Promise<User>;
  /** @throws NotFoundError `user_not_found` */
  setPassword(user: string, password: string): Promise<void>;
  /** @throws NotFoundError `user_not_found` */
  deleteUser(user: string): Promise<void>;
  users(): Promise<User[]>;

  settings(): Promise<Settings>;
  /** Changes the settings given, and answers all. */
  updateSettings(options: { readonly [name in keyof Settings]?: Settings[name] | undefined }): Promise<Settings>;

  /**
   * Notes that a resource was made, and binds the policy's creator role for the session's principal.
   *
   * @throws ConflictError `resource_exists`
   */
  createResource(resource: string): Promise<void>;
  /**
   * Ends the bindings at a resource and below.
   *
   * @throws NotFoundError `resource_not_found`
   */
  deleteResource(resource: string): Promise<void>;

  /** Whether the session's principal may do something to a resource. */
  can(permission: string, resource: string): Promise<boolean>;
  /** The same for many questions, in their order. */
  canMany(checks: readonly Check[]): Promise<boolean[]>;
  /** The principals that may do something to a resource. */
  whoCan(permission: string, resource: string): Promise<string[]>;
}

/** Options of {@link Verifier.load}. */
export interface LoadOptions {
  /**
   * Seconds after loading, or after the last `apply`, from which on the replica decides nothing: every answer is then
   * `stale` (503). Absent: no bound.
   */
  readonly maxAgeSeconds?: number | undefined;
  /** A fixed clock, for tests. */
  readonly clock?: Date | undefined;
}

/** A read-only replica from a snapshot, for edge workers and for processes that mostly read. */
export class Verifier extends Registry {
  private constructor();
  /**
   * Loads the bytes that {@link Authority.snapshot} gave. They are copied.
   *
   * @throws StoreError `snapshot_invalid`, `snapshot_version`
   */
  static load(snapshot: Uint8Array | ArrayBuffer, options?: LoadOptions): Verifier;
  /**
   * Applies what {@link Authority.events} gave, passes over what it has already, and answers the revision reached. No
   * events say that there is nothing new, and renew the age.
   *
   * @throws StoreError `event_invalid`; nothing is applied then
   */
  apply(events: string): number;
}

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
