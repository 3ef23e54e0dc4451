import { fastify } from "fastify";
import { tokenward } from "tokenward/fastify";
import { header, introspect, pattern, realm, revoke, routes, shown } from "./routes.mjs";

/** The application in Fastify. `serverFactory` makes the HTTP server. */
export async function fastifyApp(authority, variant, serverFactory) {
  const app = fastify({ serverFactory });
  await app.register(tokenward, {
    authority,
    realm,
    header,
    defaultAccess: variant === "protected" ? "token" : "public",
    introspection: { url: introspect.route, permission: introspect.permission },
    revocation: { url: revoke.route },
  });
  for (const { method, route, permission, resource, public: open } of routes) {
    const access = open ? "public" : permission === undefined ? "token" : { permission, resource };
    const handler = async (request) => shown(request.auth) ?? {};
    app.route({ method, url: pattern(route, ":$1", "*"), config: { tokenward: access }, handler });
  }
  await app.ready();
  return app;
}
