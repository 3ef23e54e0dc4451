import type { FastifyInstance } from "fastify";
import type { Principal } from "./principal.js";
import type { Options, Registry } from "./options.js";

export type { Principal } from "./principal.js";
export { RequestDenied } from "./denied.js";

/** What a route asks for: a permission on a resource, any live token, or nothing. */
export type Access = Requirement | "token" | "public";

export interface Requirement {
  readonly permission: string;
  /** A template with parameters of the route, such as `organization:{org}/database:{db}`; absent: the realm of the options. */
  readonly resource?: string | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who makes the request; `null` where nothing asked for a token. */
    auth: Principal | null;
  }
  interface FastifyContextConfig {
    /** What the route asks for; absent: what the plugin's `defaultAccess` says. */
    tokenward?: Access;
  }
}

export interface PluginOptions extends Options {
  readonly authority: Registry;
  /** What routes ask for that do not say: `token` (the default) or `public`. Holds for unknown routes as well. */
  readonly defaultAccess?: "token" | "public" | undefined;
  /** Adds the endpoint of RFC 7662 for callers with a permission. */
  readonly introspection?: (Requirement & { readonly url: string }) | undefined;
  /** Adds the endpoint of RFC 7009, for whoever has the token. Takes an authority. */
  readonly revocation?: { readonly url: string } | undefined;
}

/**
 * Protects the scope that it is registered in and all below: `await app.register(tokenward, { authority })`. Register it
 * before the routes.
 *
 * The path decided on is that of the request target (`request.originalUrl`), undecoded.
 *
 * @throws InputError when a route is added whose `config.tokenward` does not hold
 */
export function tokenward(fastify: FastifyInstance, options: PluginOptions): Promise<void>;
