// The application in Express, of either major version.

import { tokenward } from "tokenward/express";
import { header, introspect, pattern, realm, revoke, routes, shown } from "./routes.mjs";

export function expressApp(express, many, authority, variant) {
  const app = express();
  const tokens = tokenward(authority, { realm, header });
  const answer = (req, res) => res.json(shown(req.auth) ?? {});
  const add = ({ method, route, permission, resource, public: open }) => {
    const guards = [];
    if (permission !== undefined) guards.push(tokens.require(permission, resource));
    else if (!open && variant === "routes") guards.push(tokens.authenticate());
    app[method.toLowerCase()](pattern(route, ":$1", many), ...guards, answer);
  };
  for (const route of routes) if (route.public) add(route);
  app.all(revoke.route, tokens.revocation());
  if (variant === "protected") app.use(tokens.authenticate());
  for (const route of routes) if (!route.public) add(route);
  app.all(introspect.route, tokens.require(introspect.permission), tokens.introspection());
  return app;
}
