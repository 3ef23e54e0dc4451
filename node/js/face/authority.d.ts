import type { StoreAddress } from "../../store.js";
import type { AuditEntry } from "./audit.js";
import type { Hooks } from "./observation.js";
import type { PolicySource } from "./policy.js";
import type { Published, Target } from "./publication.js";
import type { Realm, Settings } from "./realm.js";
import { Registry } from "./registry.js";
import type { Session } from "./session.js";
import type { Verifier } from "./verifier.js";

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
   * Never to write: for a file or a server that this process may only read. Every change is refused, no store is made
   * (`log_missing`), and nobody learns from it when a token was used. This and `minimumRevision` are only for stores
   * that the package brings.
   */
  readonly readOnly?: boolean | undefined;
  /**
   * A revision that is known to have been reached, kept elsewhere. A store that ends before it, such as an old backup, is
   * refused as damaged.
   */
  readonly minimumRevision?: number | undefined;
  /**
   * Seconds for which the state may not have been known to be the store's newest; from then on every answer is `stale`
   * (503). Absent: no bound.
   */
  readonly maxAgeSeconds?: number | undefined;
  /**
   * How many of the newest changes the store keeps, for `audit` and for replicas that lag; older ones are dropped once a
   * snapshot in the store stands for them. Absent, here and in `keepDays`: all of them. Only for stores that the package
   * brings.
   */
  readonly keepChanges?: number | undefined;
  /** For how many days the store keeps a change. With both bounds it keeps what either one asks for. */
  readonly keepDays?: number | undefined;
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
   * Reads what others have appended to the store, and answers the revision reached. A `revision` that was told elsewhere is
   * waited for, at most `timeoutSeconds` (5; with 0 the store is looked at once): to read what was written there, take the
   * revision along.
   *
   * @throws StateError `stale` when the store has not reached `revision` by then
   */
  refresh(options?: {
    readonly revision?: number | undefined;
    readonly timeoutSeconds?: number | undefined;
  }): Promise<number>;
  /**
   * The registry as bytes, for {@link Verifier.load}. Holds no secret. With `realm` it is that realm's part: no name, token
   * or role of another one, for verifiers that serve this realm only.
   *
   * @throws NotFoundError `realm_not_found`
   */
  snapshot(options?: { readonly realm?: string | undefined }): Promise<Uint8Array>;
  /**
   * The events after a revision as a document, for {@link Verifier.apply}. With `realm` they are for verifiers of that
   * realm, and tell of others only how many changes there were.
   *
   * @throws StoreError `log_missing` when the log does not reach back so far, or more lies in between than a verifier takes
   * at once: take a snapshot
   */
  events(after: number, options?: { readonly realm?: string | undefined }): Promise<string>;
  /**
   * Puts the store's newest state, or one realm's part of it, where replicas fetch it. Call it after changes, and without one
   * too, well within the maximum age of the replicas: their age counts from the last time that it was published. One process
   * at a time publishes to a target. `latest` is written last: until then replicas see nothing of the rest.
   *
   * @param target in Node.js the path of a folder that is there; anywhere an object with `get`, `put` and `delete`, whose
   *   errors come through
   * @throws StoreError `publication_foreign` when another store, or another realm, is published there,
   *   `publication_invalid` when what is there cannot be read
   * @throws ConflictError `publication_newer` when a later revision is published there
   * @throws NotFoundError `realm_not_found`
   */
  publish(target: string | Target, options?: { readonly realm?: string | undefined }): Promise<Published>;
  /** Tells hooks of each decision and of each change from now on, beside those that are there already. */
  override observe(hooks: Hooks): void;
  /** Writes what is pending and closes the store. Requests are answered `unavailable` from then on. */
  close(): Promise<void>;
}
