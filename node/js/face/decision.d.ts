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
  /** The seconds of the `Retry-After` header to send with a 503; `null` otherwise. */
  readonly retryAfter: number | null;
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
  readonly retryAfter: number | null;
  readonly principal: string | null;
  readonly owner: string | null;
  readonly tokenId: string | null;
  readonly tokenName: string | null;
  readonly realm: string | null;
  readonly revision: number;
  /** All fields as a plain object. */
  toJSON(): DecisionFields;
}
