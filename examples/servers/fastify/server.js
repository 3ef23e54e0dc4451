import process from "node:process";
import { fastify } from "fastify";
import { Authority } from "tokenward";
import { tokenward } from "tokenward/fastify";

const authority = await Authority.open("sqlite:tokens.db");

const app = fastify();
await app.register(tokenward, {
  authority,
  realm: "organization:acme",
  revocation: { url: "/oauth/revoke" },
});

app.get("/health", { config: { tokenward: "public" } }, async () => "ok");
app.get("/me", async (request) => request.auth); // a route that says nothing takes live tokens only
const read = { permission: "project-read", resource: "organization:acme/project:{name}" };
app.get("/projects/:name", { config: { tokenward: read } }, async (request) => {
  return { project: request.params.name, reader: request.auth.principal };
});

console.log(await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 3000) }));
