import { Hono } from "hono";
import { header, introspect, pattern, realm, revoke, routes, shown } from "./routes.mjs";

/** The application in Hono, with the integration of either package. */
export function honoApp(tokenward, authority, variant) {
  const app = new Hono();
  const tokens = tokenward(authority, { realm, header });
  const add = ({ method, route, permission, resource, public: open }) => {
    const guards = [];
    if (permission !== undefined) guards.push(tokens.require(permission, resource));
    else if (!open && variant === "routes") guards.push(tokens.authenticate());
    app.on(method, pattern(route, ":$1", ":$1{.+}"), ...guards, (c) => c.json(shown(c.get("auth")) ?? {}));
  };
  for (const route of routes) if (route.public) add(route);
  app.all(revoke.route, tokens.revocation());
  if (variant === "protected") app.use(tokens.authenticate());
  for (const route of routes) if (!route.public) add(route);
  app.all(introspect.route, tokens.require(introspect.permission), tokens.introspection());
  return app;
}
