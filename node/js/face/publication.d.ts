/**
 * Keeps bytes under names of letters, digits and `-`: the bindings of KV namespaces and R2 buckets are such objects.
 * `put` takes the place of what was there: whoever reads gets the one or the other, whole.
 */
export interface Target {
  /** What is kept under a name: text, bytes, an object that they can be had of, or nothing. */
  get(name: string): Promise<Content | null | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: takes bytes, whatever else the target may take
  put(name: string, content: any): Promise<unknown>;
  /** Deletes what is kept under a name, if anything is. */
  delete(name: string): Promise<unknown>;
}

/** What a {@link Target} gives. */
export type Content = string | Uint8Array | ArrayBuffer | { arrayBuffer(): Promise<ArrayBuffer> };

/** What {@link Authority.publish} did. */
export interface Published {
  /** The revision that replicas reach by it. */
  readonly revision: number;
  /** When the registry was known to be at that revision: replicas count their age from it. */
  readonly publishedAt: Date;
  /** Names of what was written, in that order. */
  readonly written: readonly string[];
}
