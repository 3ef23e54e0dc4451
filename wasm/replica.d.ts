import type { Registry } from "./dist/face/registry.js";

/** Where replicas fetch what `authority.publish` wrote. */
export interface Source {
  /**
   * What is kept under a name.
   *
   * @param etag of what the replica has; `null` for nothing
   * @param length the bytes that it has, where that is known
   * @returns `null` where nothing is
   */
  get(name: string, etag: string | null, length?: number): Promise<Found | null>;
}

/** What a {@link Source} gives. */
export interface Found {
  /** `null`: still what the replica has. */
  readonly bytes: Uint8Array | ArrayBuffer | null;
  /** `null` where the source has no ETags. */
  readonly etag: string | null;
}

/**
 * A KV namespace that an authority publishes to. KV shows a change after up to a minute, or `cacheTtl` seconds, of which it
 * takes at least 30.
 */
export function kvSource(
  // biome-ignore lint/suspicious/noExplicitAny: a KV namespace, a class of the runtime's own
  namespace: { get(key: string, options: any): Promise<any> },
  options?: { readonly prefix?: string | undefined; readonly cacheTtl?: number | undefined },
): Source;

/** An R2 bucket that an authority publishes to. Asked with the ETag. */
export function r2Source(
  // biome-ignore lint/suspicious/noExplicitAny: an R2 bucket, a class of the runtime's own
  bucket: { get(key: string, options: any): Promise<any> },
  options?: { readonly prefix?: string | undefined },
): Source;

/** The HTTP address of a folder that an authority publishes to. Asked with `If-None-Match`, for at most 10 seconds. */
export function httpSource(
  url: string | { readonly href: string },
  options?: {
    readonly headers?: Readonly<Record<string, string>> | undefined;
    // biome-ignore lint/suspicious/noExplicitAny: the `fetch` of any runtime, or of a service binding
    readonly fetch?: ((url: string, init: any) => Promise<any>) | undefined;
  },
): Source;

/** Options of {@link Replica}. */
export interface ReplicaOptions {
  /**
   * Seconds after the last publication from which on every answer is `stale` (503), however often it is fetched. The clocks
   * of publisher and worker count, and may differ by some of these seconds.
   */
  readonly maxAgeSeconds: number;
  /** Seconds between two looks at the source, at least; 5 when absent, and 0 for every request. */
  readonly refreshSeconds?: number | undefined;
  /** The identity of the store, as `latest` says it. Absent: that of what is fetched first. */
  readonly store?: string | undefined;
  /** The realm whose part is published. Absent: that of what is fetched first, or all. */
  readonly realm?: string | undefined;
  /** A fixed clock, for tests. */
  readonly clock?: Date | undefined;
  /** Told what went wrong in a pull, for the log. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The context of a request: `ctx` in Workers. */
export interface Background {
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * A registry kept up to date from where an authority publishes. Nothing runs by itself: a request asks for a pull, and
 * decides with what is there. One pull is under way at a time.
 *
 * What is damaged, incomplete, of another store or realm, or older than what is there is refused, and nothing of it is
 * applied; `onError` is told, and the registry stays as it is until `maxAgeSeconds`.
 */
export class Replica {
  constructor(options: ReplicaOptions);
  /**
   * The registry to decide a request with, the same object each time. Waits for the source only where there is none yet, or
   * none new enough; otherwise the source is asked in the background of the request.
   *
   * @throws StoreError when there is no registry yet and none is to be had: `publication_missing`, `publication_invalid`,
   *   `publication_foreign`, `snapshot_invalid`, `snapshot_version`, `store_failed`
   */
  pull(source: Source, context?: Background): Promise<Registry>;
}
