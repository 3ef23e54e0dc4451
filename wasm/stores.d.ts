import type { Store, StoredSnapshot } from "./store.js";

/** Options of the stores that lie in a database. */
export interface SqlStoreOptions {
  /**
   * Whether a log may be made where there is none; `true` when absent. With `false` that is `log_missing`, so that a lost
   * database is not taken for a new one.
   */
  readonly create?: boolean | undefined;
}

/** A value that SQLite keeps. */
export type SqlValue = ArrayBuffer | string | number | null;

/** What {@link DurableObjectStore} uses of the `ctx.storage` of a Durable Object with SQLite. */
export interface SqlStorage {
  readonly sql: {
    exec(query: string, ...bindings: SqlValue[]): { toArray(): Record<string, SqlValue>[] };
  };
  transactionSync<T>(closure: () => T): T;
}

/** What {@link D1Store} uses of a D1 binding. */
export interface SqlDatabase {
  prepare(query: string): SqlStatement;
  // biome-ignore lint/suspicious/noExplicitAny: takes the statements that `prepare` gave, a class of the runtime's own
  batch(statements: any[]): Promise<{ readonly results: unknown[] }[]>;
}

/** What {@link D1Store} uses of a statement of D1. */
export interface SqlStatement {
  bind(...values: unknown[]): SqlStatement;
}

/**
 * A log in tables of SQLite that begin with `tokenward_`.
 *
 * An append is one transaction, behind the revision expected or not at all. Beside records the tables say where the log
 * begins and ends: records that are gone, at the end too, are a StoreError `log_damaged`, a log that is gone is
 * `log_missing`, and a handle never goes behind a revision that it has seen.
 */
declare class SqlStore implements Store {
  protected constructor();
  /** 32 random digits that were made with the log. */
  identity(): Promise<string>;
  read(after: number): Promise<readonly string[]>;
  append(expected: number, records: readonly string[]): Promise<boolean>;
  /** @throws StoreError `snapshot_invalid` when it is not whole */
  snapshot(): Promise<StoredSnapshot | null>;
  /** @throws StoreError `snapshot_older` than the one kept, `snapshot_invalid` when the log does not reach its revision */
  writeSnapshot(snapshot: StoredSnapshot): Promise<void>;
  /**
   * Drops the records up to a revision, that one included. What they say remains in the snapshot; audits and deltas begin
   * behind them.
   *
   * @throws StoreError `snapshot_older` when no snapshot of that revision or a later one is kept, `snapshot_invalid`
   */
  compact(keepAfter: number): Promise<void>;
}

/** The log of a Durable Object: `new DurableObjectStore(ctx.storage)`. */
export class DurableObjectStore extends SqlStore {
  constructor(storage: SqlStorage, options?: SqlStoreOptions);
}

/** The log in a D1 database, which many workers may write to: `new D1Store(env.DB)`. */
export class D1Store extends SqlStore {
  constructor(database: SqlDatabase, options?: SqlStoreOptions);
}
