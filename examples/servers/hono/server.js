import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Authority } from "tokenward";
import { tokenward } from "tokenward/hono";

const authority = await Authority.open("sqlite:tokens.db");
const tokens = tokenward(authority, { realm: "organization:acme" });

const app = new Hono();
app.get("/health", (c) => c.text("ok"));
app.all("/oauth/revoke", tokens.revocation());

app.use(tokens.authenticate()); // what follows takes live tokens only, on the paths that they were issued for
app.get("/me", (c) => c.json(c.get("auth")));
app.get("/projects/:name", tokens.require("project-read", "organization:acme/project:{name}"), (c) => {
  return c.json({ project: c.req.param("name"), reader: c.get("auth").principal });
});

const at = { fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env.PORT ?? 3000) };
serve(at, ({ port }) => console.log(`http://127.0.0.1:${port}`));
