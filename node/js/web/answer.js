// What a request that is not let in is answered: status, headers, and a problem document (RFC 9457). Everything that a
// client is told stands in this table; which token was expired and which was never one is not among it.

const TABLE = [
  ["invalid_request", 400, "Bad Request", "The request is not in a form that can be read."],
  ["no_credential", 401, "Unauthorized", "The request carries no credential."],
  ["invalid_token", 401, "Unauthorized", "The token is not valid here."],
  ["insufficient_scope", 403, "Forbidden", "The token does not permit this request."],
  ["method_not_allowed", 405, "Method Not Allowed", "This is asked by POST."],
  ["unavailable", 503, "Service Unavailable", "Requests cannot be decided at present."],
];

/** What decisions say, for answers that come without one. */
const RETRY_AFTER = 5;

const BY_STATUS = { 400: "invalid_request", 401: "invalid_token", 403: "insufficient_scope", 503: "unavailable" };
const PROBLEMS = new Map(
  TABLE.map(([code, status, title, detail]) => {
    const body = JSON.stringify({ type: "about:blank", title, status, detail, code });
    return [code, { code, status, detail, body }];
  }),
);

/**
 * The answer to a request that a decision denies.
 *
 * @param {import("../face/index.js").Decision} decision
 */
export function denialOf(decision) {
  const { status, reason, wwwAuthenticate, retryAfter } = decision;
  const headers = {};
  if (wwwAuthenticate !== null) headers["WWW-Authenticate"] = wwwAuthenticate;
  if (retryAfter !== null) headers["Retry-After"] = `${retryAfter}`;
  return problem(reason === "no_credential" ? "no_credential" : BY_STATUS[status], headers);
}

/**
 * An answer of the table.
 *
 * @param {string} code
 * @param {Record<string, string>} headers beside its own
 * @returns {{ code: string, status: number, detail: string, headers: Record<string, string>, body: string }}
 */
export function problem(code, headers = {}) {
  const own = { "Content-Type": "application/problem+json" };
  if (code === "unavailable") own["Retry-After"] = `${RETRY_AFTER}`;
  if (code === "method_not_allowed") own.Allow = "POST";
  return { ...PROBLEMS.get(code), headers: { ...own, ...headers } };
}

/** The answer as a web-standard `Response`. */
export function responseOf({ status, headers, body }) {
  return new Response(body, { status, headers });
}
