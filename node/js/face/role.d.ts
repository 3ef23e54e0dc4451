/** A role: a named set of permissions. */
export interface Role {
  readonly name: string;
  readonly description: string | null;
  /** Names of permissions; `["*"]` for all, now and later. */
  readonly permissions: readonly string[];
  /** Resource patterns that narrow the role; `null` for none. */
  readonly resources: readonly string[] | null;
  /** Whether it comes with the policy and cannot be changed. */
  readonly predefined: boolean;
}
