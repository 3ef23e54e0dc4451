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
