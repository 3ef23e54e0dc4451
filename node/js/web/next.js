// Next.js: route handlers, and the proxy in front of all of them.

import { checkRevoker, introspect, revoke } from "./endpoints.js";
import { formOf } from "./form.js";
import { Gate } from "./gate.js";
import { responseOf } from "./answer.js";

export { RequestDenied } from "./denied.js";

export function tokenward(source, options) {
  const gate = new Gate(source, options);
  const judge = async (rule, request, context) => {
    const registry = await gate.registryFor(request, context);
    return gate.judgeRequest(rule, registry, request, await context?.params);
  };
  const handler = (rule, handle) => async (request, context) => {
    const { auth, denial } = await judge(rule, request, context);
    return denial === null ? handle(request, { ...context, auth }) : responseOf(denial);
  };
  const endpoint = (act) => async (request, context) => {
    const registry = await gate.registryFor(request, context);
    return responseOf(await act(registry, gate.realm, formOf(request)));
  };
  return {
    authenticate: (handle) => handler(gate.anyToken(), handle),
    require: (permission, resource, handle) => handler(gate.guarded(permission, resource), handle),
    /** Lets a request through by answering nothing. */
    proxy() {
      const rule = gate.anyToken();
      return async (request) => {
        const { denial } = await judge(rule, request);
        return denial === null ? undefined : responseOf(denial);
      };
    },
    introspection: () => endpoint(introspect),
    revocation() {
      checkRevoker(gate.registry);
      return endpoint(revoke);
    },
  };
}
