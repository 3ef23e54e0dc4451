import type { Authority } from "./authority.js";
import { Registry } from "./registry.js";

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
