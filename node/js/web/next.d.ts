import type { NextRequest } from "next/server.js";
import type { Principal } from "./principal.js";
import type { Options, ParamsOf, Source } from "./options.js";

export type { Principal } from "./principal.js";
export { RequestDenied } from "./denied.js";
export type { Options, Source } from "./options.js";

/** What Next.js passes beside the request. */
export interface RouteContext<Params> {
  readonly params: Promise<Params>;
}

/** A route handler that is told who asks. */
export type AuthHandler<Params> = (
  request: NextRequest,
  context: RouteContext<Params> & { readonly auth: Principal },
) => Response | Promise<Response>;

/** A route handler as Next.js calls it. */
export type RouteHandler<Params> = (request: NextRequest, context: RouteContext<Params>) => Promise<Response>;

/**
 * Protects route handlers of Next.js, or all of them by its proxy.
 *
 * The path decided on is that of `request.url`, undecoded. Next.js passes on the first of several `Authorization` lines; the
 * others reach nobody.
 *
 * @param source the function is given the request: a way to open the authority with the first one
 */
export function tokenward(source: Source<[request: NextRequest]>, options?: Options): Tokens;

export interface Tokens {
  /** Lets every live token in, on the paths that it was issued for. */
  authenticate<Params = Record<string, string>>(handle: AuthHandler<Params>): RouteHandler<Params>;
  /**
   * Asks for a permission on a resource whose parameters are those of the route.
   *
   * @param resource a template such as `organization:{org}/database:{db}`; `undefined`: the realm of the options
   * @throws InputError `permission_unknown`, `guard_template_invalid`, `kind_mismatch`: at start-up, with a function for a source
   *   at the first request
   */
  require<Template extends string, Params extends ParamsOf<Template> = ParamsOf<Template>>(
    permission: string,
    resource: Template | undefined,
    handle: AuthHandler<Params>,
  ): RouteHandler<Params>;
  /** For `proxy.ts`, in front of all that its `config.matcher` names: `export const proxy = tokens.proxy()`. */
  proxy(): (request: NextRequest) => Promise<Response | undefined>;
  /** RFC 7662. Whom to let in is said around it: `tokens.require("…", undefined, tokens.introspection())`. */
  introspection(): (request: NextRequest) => Promise<Response>;
  /** RFC 7009, for whoever has the token. Takes an authority. */
  revocation(): (request: NextRequest) => Promise<Response>;
}
