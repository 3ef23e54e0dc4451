import type { Authority } from "./authority.js";

/** What a request presents: the value of its `Authorization` header, or a bare token; `null` or `undefined` if it has none. */
export type Credential = string | null | undefined;

/** One request of {@link Authority.authorizeMany}. */
export interface Request {
  readonly credential?: Credential;
  /** The name of a permission. */
  readonly permission: string;
  /** A resource such as `workspace:hooli/system:dev`. */
  readonly resource: string;
  /** The path of the request target, as it came, without the query. */
  readonly path?: string | undefined;
}
