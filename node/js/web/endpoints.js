// Introspection (RFC 7662) and revocation (RFC 7009), whatever the framework. Whoever may introspect is let in by a rule
// before; whoever has a token may revoke it.

import { typeInvalid } from "../face/error.js";
import { answerForm } from "./form.js";
import { denialOf, problem } from "./answer.js";

/** A token alone, not the value of a header. */
const TOKEN = /^[0-9A-Za-z_]+$/;
const NOT_STORED = { "Cache-Control": "no-store" };

/** Answers what a token is, or `{"active":false}` and nothing else. */
export async function introspect(registry, realm, form) {
  if (registry === undefined || registry === null) return problem("unavailable");
  return answerForm(form, async (token) => {
    try {
      return json(registry.introspect(token, realm === undefined ? undefined : { realm }));
    } catch (error) {
      // What is too long for a token is not an active one.
      return error?.category === "input" ? json({ active: false }) : gone(error);
    }
  });
}

/** Ends a token for good. A token that is unknown is answered as one that was revoked. */
export async function revoke(authority, realm, form) {
  if (authority === undefined || authority === null) return problem("unavailable");
  return answerForm(form, async (token) => {
    // The value of a header is a credential, and not a token.
    const decision = authority.authenticate(TOKEN.test(token) ? token : null);
    if (decision.status === 503) return denialOf(decision);
    const final = decision.reason === "token_revoked" || decision.reason === "token_expired";
    // The id is there only where the secret matched, also when the token is disabled.
    if (decision.tokenId !== null && (realm === undefined || decision.realm === realm) && !final) {
      try {
        await (await authority.system(decision.realm)).revoke(decision.tokenId);
      } catch (error) {
        // Somebody else may have been faster.
        if (error?.category !== "not_found") return gone(error);
      }
    }
    return { status: 200, headers: NOT_STORED, body: "" };
  });
}

/** Refuses, at start-up, to revoke with what changes nothing. */
export function checkRevoker(registry) {
  if (registry !== undefined && typeof registry.system !== "function") throw typeInvalid("authority", "an Authority");
}

/** The store failed, or the authority is closed. Categories tell, since the authority may be of the other package. */
function gone(error) {
  if (error?.category === "store" || error?.category === "state") return problem("unavailable");
  throw error;
}

function json(document) {
  const headers = { "Content-Type": "application/json", ...NOT_STORED };
  return { status: 200, headers, body: JSON.stringify(document) };
}
