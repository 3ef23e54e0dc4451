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
  /** Where it was imported from; `null`: it was issued here. */
  readonly origin: Origin | null;
}

/** The system that an imported token comes from. */
export interface Origin {
  /** How that system stores it. */
  readonly scheme: Scheme;
  /** The public part by which that system looks it up, where it has one. */
  readonly lookup: string | null;
  /** Whether it is stored as our own are by now: since its first use, or because its system stores the same. */
  readonly rehashed: boolean;
}

/** How a system stores its tokens. */
export type Scheme = "knox" | "drf_api_key" | "sanctum" | "better_auth" | "seam" | "sha256" | "sha512";

export type TokenStatus = "active" | "expired" | "revoked" | "disabled";
