// Web-standard handlers, `Request` to `Response`: Workers, Deno, Bun, edge runtimes.

import { checkRevoker, introspect, revoke } from "./endpoints.js";
import { formOf } from "./form.js";
import { Gate } from "./gate.js";
import { responseOf } from "./answer.js";

export { RequestDenied } from "./denied.js";

export function tokenward(source, options) {
  const gate = new Gate(source, options);
  const handler = (rule, handle, paramsOf) =>
    async function guarded(request, ...context) {
      const registry = await gate.registryFor(request, ...context);
      const params = await paramsOf(request, ...context);
      const { auth, denial } = gate.judgeRequest(rule, registry, request, params);
      return denial === null ? handle(request, auth, ...context) : responseOf(denial);
    };
  const endpoint =
    (act) =>
    async (request, ...context) => {
      const registry = await gate.registryFor(request, ...context);
      return responseOf(await act(registry, gate.realm, formOf(request)));
    };
  return {
    authenticate: (handle) => handler(gate.anyToken(), handle, () => undefined),
    require: (permission, resource, handle, params = paramsOfRequest) =>
      handler(gate.guarded(permission, resource), handle, params),
    introspection: () => endpoint(introspect),
    revocation() {
      checkRevoker(gate.registry);
      return endpoint(revoke);
    },
  };
}

/** Where `Bun.serve` and some routers leave the parameters of the route. */
const paramsOfRequest = (request) => request.params;
