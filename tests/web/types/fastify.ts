// Compiled and never run: what a strict program may and may not write.

import { fastify } from "fastify";
import { Authority } from "tokenward";
import { type Access, type Principal, RequestDenied, tokenward } from "tokenward/fastify";

export async function application() {
  const authority = await Authority.open("memory:");
  const app = fastify();
  await app.register(tokenward, {
    authority,
    realm: "organization:acme",
    introspection: { url: "/oauth/introspect", permission: "organization-token-read" },
    revocation: { url: "/oauth/revoke" },
  });

  const access: Access = { permission: "db-read", resource: "organization:{org}/database:{db}" };
  app.get<{ Params: { org: string; db: string } }>(
    "/organizations/:org/databases/:db",
    { config: { tokenward: access } },
    async (request) => {
      const principal: Principal | null = request.auth;
      // @ts-expect-error a public route has nobody
      request.auth.principal;
      return { who: principal?.principal, org: request.params.org };
    },
  );
  app.get("/health", { config: { tokenward: "public" } }, async () => "ok");
  // @ts-expect-error not a word that it knows
  app.get("/other", { config: { tokenward: "open" } }, async () => "ok");
  // @ts-expect-error an authority is needed
  app.register(tokenward, { realm: "organization:acme" });

  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof RequestDenied)) throw error;
    request.log.warn({ reason: error.reason }, "denied");
    return reply.code(error.status).headers(error.headers).send(error.body);
  });
  return app;
}
