import type { ImportedToken } from "./face/imports.js";
import type { Scheme } from "./face/token.js";

/**
 * Reads the tokens of a table that another system exported, for `Session.importTokens`. Rows whose tokens were revoked or
 * have expired are left out.
 *
 * @param system the system, or `sha256` and `sha512` for a table of your own with a column `digest`
 * @param text JSON, a list of rows or what Django's `dumpdata` writes; or CSV with a line of column names
 * @throws InputError with a place such as `rows[3].digest`: `field_missing`, `digest_invalid`, `instant_invalid`;
 *   `scheme_unknown`, also for a hash that is not known here; `document_invalid` at a line
 */
export function readExport(system: Scheme, text: string, options?: ExportOptions): ImportedToken[];

export interface ExportOptions {
  /**
   * The name of a token, in which `{column}` stands for what a row has there; otherwise the one it has in its system, or
   * one made of whose it is. What a name cannot hold becomes `-`, and the second of a name gets `-2`.
   */
  readonly name?: string | undefined;
  /** Tokens get no names, as some policies want. */
  readonly unnamed?: boolean | undefined;
  /** The principal whose token it is, with columns as in `name`; otherwise `user:` and the id of the user, if any. */
  readonly owner?: string | undefined;
  /** Roles that each token is given. */
  readonly roles?: readonly string[] | undefined;
  /** Path patterns that each token is restricted to. */
  readonly paths?: readonly string[] | undefined;
  /** How many days a token lives at most from now on; otherwise as long as its row says, which may be for ever. */
  readonly lifetimeDays?: number | undefined;
  /** What tokens of `seam` begin with, so that each is accepted in its one spelling only. */
  readonly prefix?: string | undefined;
}
