// Hono, on Node, Deno, Bun and Workers.

import { checkRevoker, introspect, revoke } from "./endpoints.js";
import { formOf } from "./form.js";
import { Gate } from "./gate.js";

export { RequestDenied } from "./denied.js";

export function tokenward(source, options) {
  const gate = new Gate(source, options);
  const middleware = (rule) => async (c, next) => {
    const registry = await gate.registryFor(c);
    const { auth, denial } = gate.judgeRequest(rule, registry, c.req.raw, c.req.param());
    if (denial !== null) return send(c, denial);
    c.set("auth", auth);
    await next();
  };
  const endpoint = (act) => async (c) => send(c, await act(await gate.registryFor(c), gate.realm, formOf(c.req.raw)));
  return {
    authenticate: () => middleware(gate.anyToken()),
    require: (permission, resource) => middleware(gate.guarded(permission, resource)),
    introspection: () => endpoint(introspect),
    revocation() {
      checkRevoker(gate.registry);
      return endpoint(revoke);
    },
  };
}

const send = (c, { status, headers, body }) => c.body(body, status, headers);
