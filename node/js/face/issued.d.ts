import type { Session } from "./session.js";

/** How long a token lives: one of the three, or none for the policy's default. */
export type Lifetime =
  | {
      /** Whole days above zero, or -1 for never. */
      readonly lifetimeDays?: number | undefined;
      readonly expiresAt?: undefined;
      readonly never?: undefined;
    }
  | {
      /** The first instant at which the token no longer works. A fraction of a second is cut off. */
      readonly expiresAt: Date;
      readonly lifetimeDays?: undefined;
      readonly never?: undefined;
    }
  | {
      /** The token never expires, where the policy and the realm allow that. */
      readonly never: boolean;
      readonly lifetimeDays?: undefined;
      readonly expiresAt?: undefined;
    };

/** Options of {@link Session.issue}. Which of them are required, optional or refused is the policy's to say. */
export type IssueOptions = Lifetime & {
  /** The token's name in its realm, `/` between its segments. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Path patterns. No list is no restriction where the policy makes paths optional; an empty list is an error. */
  readonly paths?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
};

/** Options of {@link Session.issueFor}. */
export type IssueForOptions = Lifetime & {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
};

/**
 * A token that was just issued. The secret can be read from this object and from nowhere else, ever.
 *
 * `console.log`, `JSON.stringify`, templates and structured clones do not show it.
 */
export class Issued {
  private constructor();
  /** The public part of the token. */
  readonly clientId: string;
  readonly name: string | null;
  /** The roles given at issue. */
  readonly roles: readonly string[];
  /** The first instant at which the token no longer works; `null` for never. */
  readonly expiresAt: Date | null;
  /** The secret part of the token. */
  get clientSecret(): string;
  /** The whole token, for `Authorization: Bearer`. */
  get token(): string;
  /** Reveals the token as the JSON file to download: `{"clientId","secret","token"}`. */
  toJson(): string;
  /** Reveals the token as the CSV file to download: `Client Id,Client Secret,Role,Token`, quoted. */
  toCsv(): string;
  /** The fields with the secret redacted. */
  toJSON(): {
    readonly clientId: string;
    readonly clientSecret: "[redacted]";
    readonly token: "[redacted]";
    readonly name: string | null;
    readonly roles: readonly string[];
    readonly expiresAt: Date | null;
  };
  toString(): string;
}
