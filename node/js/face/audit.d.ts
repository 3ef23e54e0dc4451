/** A change, as `audit` lists it. */
export interface AuditEntry {
  readonly revision: number;
  readonly at: Date;
  /** The principal that made the change; `system` for the host itself. */
  readonly by: string;
  readonly realm: string | null;
  readonly operation: string;
  readonly subject: string | null;
}
