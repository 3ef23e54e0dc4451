/** A role at a resource, for subjects. */
export interface Binding {
  readonly id: string;
  readonly role: string;
  readonly resource: string;
  /** Principals, such as `user:ruchita` or `token:ci/deploy`. */
  readonly subjects: readonly string[];
  readonly createdAt: Date;
  readonly createdBy: string | null;
}
