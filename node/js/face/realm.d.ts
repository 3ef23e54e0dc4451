/** A realm: the boundary in which tokens are issued and valid. */
export interface Realm {
  readonly realm: string;
  readonly createdAt: Date;
  readonly settings: Settings;
}

/** The settings of a realm. */
export interface Settings {
  /** Whether any token of the realm works. */
  readonly apiAccess: boolean;
  /** Whether others than administrators may issue tokens. */
  readonly individualTokens: boolean;
  /** The longest lifetime of a new token in days; -1 for no limit. */
  readonly maximumLifetimeDays: number;
}
