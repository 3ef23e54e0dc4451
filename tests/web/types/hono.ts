// Compiled and never run: what a strict program may and may not write.

import { Hono } from "hono";
import { Authority } from "tokenward";
import { tokenward } from "tokenward/hono";
import { Verifier } from "tokenward-wasm";
import { type Principal, tokenward as edge, type Variables } from "tokenward-wasm/hono";

interface Bindings {
  TOKENS: { get(key: string): Promise<ArrayBuffer> };
}

export async function application() {
  const tokens = tokenward(await Authority.open("memory:"), { realm: "organization:acme" });
  const app = new Hono();
  app.get("/organizations/:org", tokens.require("organization-read", "organization:{org}"), (c) => {
    const principal: Principal = c.var.auth;
    const same: Principal = c.get("auth");
    // @ts-expect-error no such name
    principal.secret;
    return c.json({ who: principal.principal, same: same.tokenName, org: c.req.param("org") });
  });
  app.get("/open", (c) => {
    // @ts-expect-error nobody has been asked for a token
    return c.json(c.var.auth);
  });
  app.all("/oauth/revoke", tokens.revocation());
  return app;
}

export function worker() {
  const tokens = edge(async (c) => Verifier.load(await (c.env as Bindings).TOKENS.get("snapshot")), {
    header: "X-API-Key",
  });
  const app = new Hono<{ Bindings: Bindings; Variables: Variables }>();
  app.use(tokens.authenticate());
  app.get("/me", (c) => c.json(c.var.auth satisfies Principal));
  return app;
}
