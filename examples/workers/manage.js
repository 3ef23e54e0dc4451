// Issuing and revoking over HTTP:
//
// - POST /setup, with the secret SETUP as the bearer: makes the realm, once, and answers its owner's token
// - POST /tokens, with a token: issues another one
// - DELETE /tokens/<name>, with a token: revokes one
//
// Who may do what is the library's matter: a session is limited to the token that proves it.

import { TokenwardError } from "tokenward-wasm";
import { decide, REALM } from "./decide.js";

const OWNER = "user:owner";
const STATUS = { input: 400, denied: 403, not_found: 404, conflict: 409, state: 409, store: 503 };

/** Answers a request, by an authority. */
export async function manage(authority, request, env) {
  const { pathname } = new URL(request.url);
  const bearer = /^bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const name = /^\/tokens\/(.+)$/.exec(pathname)?.[1];
  try {
    if (request.method === "POST" && pathname === "/setup") return await setUp(authority, bearer, env);
    if (request.method === "POST" && pathname === "/tokens") {
      const session = await authority.loginWithToken(REALM, bearer);
      return shown(await session.issue(await request.json()));
    }
    if (request.method === "DELETE" && name !== undefined) {
      await (await authority.loginWithToken(REALM, bearer)).revoke(decodeURIComponent(name));
      return new Response(null, { status: 204 });
    }
    return decide(authority, request);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) return new Response(null, { status: 400 });
    if (!(error instanceof TokenwardError)) throw error;
    const status = error.code === "login_failed" ? 401 : (STATUS[error.category] ?? 500);
    const body = JSON.stringify({ code: error.code, place: error.place });
    return new Response(body, { status, headers: { "Content-Type": "application/problem+json" } });
  }
}

async function setUp(authority, bearer, env) {
  if (!(await isSame(bearer, env.SETUP))) return new Response(null, { status: 401 });
  await authority.createRealm(REALM, { administrator: OWNER });
  return shown(await (await authority.session(REALM, OWNER)).issue({ name: "owner", roles: ["Owner"] }));
}

/** The one answer that ever holds the token. */
function shown({ token }) {
  return Response.json({ token }, { status: 201, headers: { "Cache-Control": "no-store" } });
}

/** Compares in time that does not tell where two texts differ. An empty secret opens nothing. */
async function isSame(given, secret) {
  if (typeof secret !== "string" || secret === "") return false;
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return crypto.subtle.timingSafeEqual(await digest(given), await digest(secret));
}
