import type { Decision } from "./decision.js";
import type { Credential } from "./request.js";

/** Parameters of a resource template by name. */
export interface GuardParameters {
  readonly [parameter: string]: string;
}

/** A permission and a resource template, checked once and used for every request of one kind. */
export class Guard {
  private constructor();
  readonly permission: string;
  readonly template: string;
  /**
   * Decides a request.
   *
   * @param credential what the request presents
   * @param options the path of the request target, or an object with `path` and the template's parameters
   * @throws InputError `guard_parameter_missing`, `guard_parameter_unknown`; never for what a request can contain
   */
  authorize(
    credential: Credential,
    options?: string | { readonly path?: string | undefined; readonly params?: GuardParameters | undefined },
  ): Decision;
}
