import type { Principal } from "./principal.js";
import type { Options, ParamsOf, Source } from "./options.js";

export type { Principal } from "./principal.js";
export { RequestDenied } from "./denied.js";
export type { Options, Source } from "./options.js";

/** A handler that is told who asks. What the runtime passes beside the request (`env`, `ctx`) follows. */
export type AuthHandler<R extends Request, Context extends readonly unknown[]> = (
  request: R,
  auth: Principal,
  ...context: Context
) => Response | Promise<Response>;

/** A handler as runtimes call it. */
export type FetchHandler<R extends Request, Context extends readonly unknown[]> = (
  request: R,
  ...context: Context
) => Promise<Response>;

/**
 * Protects web-standard handlers: Workers, Deno, Bun, edge runtimes.
 *
 * The path decided on is that of `request.url`, undecoded.
 *
 * @param source the function is given what the runtime passes: `(request, env, ctx) => verifierOf(env)`
 */
export function tokenward<Context extends readonly unknown[] = readonly unknown[]>(
  // biome-ignore lint/suspicious/noExplicitAny: runtimes have requests of their own type
  source: Source<[request: any, ...context: Context]>,
  options?: Options,
): Tokens<Context>;

export interface Tokens<Context extends readonly unknown[]> {
  /** Lets every live token in, on the paths that it was issued for: `export default { fetch: tokens.authenticate(handle) }`. */
  authenticate<R extends Request = Request>(handle: AuthHandler<R, Context>): FetchHandler<R, Context>;
  /**
   * Asks for a permission on a resource.
   *
   * @param resource a template such as `organization:{org}/database:{db}`; `undefined`: the realm of the options
   * @param params gives the template's parameters; absent: `request.params`, where `Bun.serve` and some routers have them
   * @throws InputError `permission_unknown`, `guard_template_invalid`, `kind_mismatch`: at start-up, with a function for a source
   *   at the first request
   */
  require<Template extends string, R extends Request = Request>(
    permission: string,
    resource: Template | undefined,
    handle: AuthHandler<R, Context>,
    params?: (request: R, ...context: Context) => ParamsOf<Template> | Promise<ParamsOf<Template>>,
  ): FetchHandler<R, Context>;
  /** RFC 7662. Whom to let in is said around it: `tokens.require("…", undefined, tokens.introspection())`. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever stands between request and end
  introspection(): (request: Request, ...context: any[]) => Promise<Response>;
  /** RFC 7009, for whoever has the token. Takes an authority. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever stands between request and end
  revocation(): (request: Request, ...context: any[]) => Promise<Response>;
}
