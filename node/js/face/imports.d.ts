import type { Scheme } from "./token.js";

/** What another system stored of a token, and what is said of it here. */
export interface ImportedToken {
  /** How that system stores tokens. */
  readonly scheme: Scheme;
  /** The public part by which that system looks it up: required where the scheme has one. */
  readonly lookup?: string | undefined;
  /** What is stored of the token, in lower-case hexadecimal. */
  readonly digest: string;
  /** The salt of the digest, where there is one. */
  readonly salt?: string | undefined;
  /** How many rounds of PBKDF2 made the digest, where that did: at most one million. */
  readonly iterations?: number | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly lifetimeDays?: number | undefined;
  readonly expiresAt?: Date | undefined;
  readonly never?: boolean | undefined;
  /** The principal whose token it is; otherwise the session's. */
  readonly owner?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly lastUsed?: Date | undefined;
  readonly disabled?: boolean | undefined;
  /** Roles that it gets at resources. */
  readonly bindings?: readonly { readonly role: string; readonly at: string }[] | undefined;
}
