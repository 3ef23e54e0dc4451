// Compiled and never run: what a strict program may and may not write.

import { Verifier } from "tokenward-wasm";
import { type Principal, tokenward } from "tokenward-wasm/fetch";

interface Env {
  TOKENS: { get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null> };
}

const tokens = tokenward<[env: Env, ctx: unknown]>(async (_request, env) => {
  const snapshot = await env.TOKENS.get("snapshot", "arrayBuffer");
  return snapshot && Verifier.load(snapshot, { maxAgeSeconds: 300 });
});

const read = tokens.require(
  "system-read",
  "workspace:hooli/system:{system}",
  (_request, auth: Principal, env, _ctx) => Response.json({ who: auth.principal, kv: env.TOKENS !== undefined }),
  (request) => ({ system: new URL(request.url).pathname.slice(12) }),
);
tokens.require(
  "system-read",
  "workspace:hooli/system:{system}",
  () => new Response(),
  // @ts-expect-error the template has another parameter
  () => ({ name: "dev" }),
);

export default {
  fetch: tokens.authenticate((request, auth, env, ctx) =>
    new URL(request.url).pathname === "/me" ? Response.json(auth) : read(request, env, ctx),
  ),
} satisfies { fetch(request: Request, env: Env, ctx: unknown): Promise<Response> };
