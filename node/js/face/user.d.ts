/** A user of a realm. */
export interface User {
  readonly user: string;
  readonly createdAt: Date;
  readonly hasPassword: boolean;
}
