/** A warning of `lint` about one path pattern. */
export interface Lint {
  /** Which of the patterns given. */
  readonly index: number;
  /** The permanent code of the warning. */
  readonly code: string;
  readonly message: string;
}
