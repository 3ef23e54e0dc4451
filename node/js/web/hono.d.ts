import type { Context, Handler, MiddlewareHandler } from "hono";
import type { Principal } from "./principal.js";
import type { Options, Source } from "./options.js";

export type { Principal } from "./principal.js";
export { RequestDenied } from "./denied.js";
export type { Options, Source } from "./options.js";

/** The variables that the middleware sets, for `new Hono<{ Variables: Variables }>()`. */
export interface Variables {
  /** Who makes the request. */
  auth: Principal;
}

/**
 * Protects a Hono application, or single routes of it, on Node, Deno, Bun and Workers.
 *
 * The path decided on is that of `c.req.raw.url`, undecoded.
 *
 * @param source the function is given the context of the request: `(c) => verifierOf(c.env)`
 */
// biome-ignore lint/suspicious/noExplicitAny: bindings are the application's
export function tokenward(source: Source<[c: Context<any>]>, options?: Options): Tokens;

export interface Tokens {
  /** Lets every live token in, on the paths that it was issued for: `app.use(tokens.authenticate())`. */
  authenticate(): MiddlewareHandler<{ Variables: Variables }>;
  /**
   * Asks for a permission on a resource whose parameters are those of the route.
   *
   * @param resource a template such as `organization:{org}/database:{db}`; absent: the realm of the options
   * @throws InputError `permission_unknown`, `guard_template_invalid`, `kind_mismatch`: at start-up, with a function for a source
   *   at the first request
   */
  require(permission: string, resource?: string): MiddlewareHandler<{ Variables: Variables }>;
  /** RFC 7662, for callers that a `require` before it lets in: `app.all(path, tokens.require(…), tokens.introspection())`. */
  introspection(): Handler;
  /** RFC 7009, for whoever has the token: `app.all(path, tokens.revocation())`. Takes an authority. */
  revocation(): Handler;
}
