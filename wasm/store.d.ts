/**
 * Where the log of an authority lives: an append-only list of records, kept by whoever has storage at hand (a Durable
 * Object, a database, a file). Records are opaque texts; the first one has revision 1.
 */
export interface Store {
  /** The records after a revision, oldest first. */
  read(after: number): Promise<readonly string[]>;
  /**
   * Appends records behind the revision `expected`, all of them or none.
   *
   * @returns false, and nothing appended, when the log does not end at `expected`
   */
  append(expected: number, records: readonly string[]): Promise<boolean>;
  /** What tells this log from any other, for good: random digits made with it. Needed for {@link Authority.publish}. */
  identity?(): Promise<string>;
  /** The snapshot kept last, `null` for none. With it an authority opens from the records behind it alone. */
  snapshot?(): Promise<StoredSnapshot | null>;
  /** Keeps a snapshot in place of the one before. An authority does it when about 1,000 records lie behind the last one. */
  writeSnapshot?(snapshot: StoredSnapshot): Promise<void>;
}

/** The registry at one revision, hashes of passwords included: for the store itself, and opaque to it. */
export interface StoredSnapshot {
  readonly revision: number;
  readonly bytes: Uint8Array;
}

/** `memory:`, or a store of your own. */
export type StoreAddress = "memory:" | Store;
