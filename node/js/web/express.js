// Express 4 and 5, and what else calls `(req, res, next)`.

import { checkRevoker, introspect, revoke } from "./endpoints.js";
import { formOfIncoming } from "./form.js";
import { Gate } from "./gate.js";

export { RequestDenied } from "./denied.js";

export function tokenward(authority, options) {
  const gate = new Gate(authority, options);
  const middleware = (rule) => (req, res, next) => {
    const target = req.originalUrl ?? req.url;
    const { auth, denial } = gate.judge(rule, authority, req.rawHeaders, target, req.params);
    if (denial !== null) return send(res, denial);
    req.auth = auth;
    next();
  };
  const endpoint = (act) => (req, res, next) => {
    act(authority, gate.realm, formOfIncoming(req)).then((answer) => send(res, answer), next);
  };
  return {
    authenticate: () => middleware(gate.anyToken()),
    require: (permission, resource) => middleware(gate.guarded(permission, resource)),
    introspection: () => endpoint(introspect),
    revocation() {
      checkRevoker(authority);
      return endpoint(revoke);
    },
  };
}

function send(res, { status, headers, body }) {
  res.statusCode = status;
  for (const name of Object.keys(headers)) res.setHeader(name, headers[name]);
  res.end(body);
}
