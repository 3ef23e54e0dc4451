import type { RequestHandler } from "express";
import type { Principal } from "./principal.js";
import type { Options, Registry } from "./options.js";

export type { Principal } from "./principal.js";
export { RequestDenied } from "./denied.js";
export type { Options } from "./options.js";

declare global {
  namespace Express {
    interface Request {
      /** Who makes the request; absent where nothing asked for a token. */
      auth?: Principal;
    }
  }
}

/**
 * Protects an Express application, or single routes of it.
 *
 * The path decided on is that of the request target (`req.originalUrl`), undecoded.
 */
export function tokenward(authority: Registry, options?: Options): Tokens;

export interface Tokens {
  /** Lets every live token in, on the paths that it was issued for: `app.use(tokens.authenticate())`. */
  authenticate(): RequestHandler;
  /**
   * Asks for a permission on a resource whose parameters are those of the route.
   *
   * @param resource a template such as `organization:{org}/database:{db}`; absent: the realm of the options
   * @throws InputError `permission_unknown`, `guard_template_invalid`, `kind_mismatch`, at start-up
   */
  // biome-ignore lint/suspicious/noExplicitAny: the route's own parameter types are inferred beside it
  require(permission: string, resource?: string): RequestHandler<any>;
  /** RFC 7662, for callers that a `require` before it lets in: `app.all(path, tokens.require(…), tokens.introspection())`. */
  introspection(): RequestHandler;
  /** RFC 7009, for whoever has the token: `app.all(path, tokens.revocation())`. Takes an authority. */
  revocation(): RequestHandler;
}
