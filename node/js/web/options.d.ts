import type { Authority } from "../face/authority.js";
import type { Registry } from "../face/registry.js";

/** Options of every integration. */
export interface Options {
  /**
   * Lets in only tokens of this realm, and is the resource that `require` asks on where none is named. Absent: tokens of
   * every realm.
   */
  readonly realm?: string | undefined;
  /** One header that may hold a token beside `Authorization`, such as `X-API-Key`. */
  readonly header?: string | undefined;
  /**
   * What becomes of a request that is denied: it is answered with a problem document (`respond`, the default), or the
   * error handling of the application gets a {@link RequestDenied} (`throw`).
   */
  readonly onDenied?: "respond" | "throw" | undefined;
}

/**
 * An authority or a verifier; or a function that gives one for a request, for workers that load it with the first. What
 * the function is given depends on the framework. Nothing (`null`) is answered 503.
 */
export type Source<Context extends readonly unknown[]> =
  | Registry
  | ((...context: Context) => Registry | null | undefined | Promise<Registry | null | undefined>);

/** The names of the parameters of a resource template. */
export type ParameterOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;

/** The parameters of a route, at least those of a resource template. */
export type ParamsOf<Template extends string> = { [name in ParameterOf<Template>]: string };

export type { Authority, Registry };
