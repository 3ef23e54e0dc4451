// What the workers here protect: GET /projects/<name>.

export const REALM = "organization:acme";

/** Decides a request, by whatever registry the worker has. */
export function decide(registry, request) {
  const { pathname } = new URL(request.url);
  const project = /^\/projects\/([\w.-]+)$/.exec(pathname)?.[1];
  if (project === undefined) return new Response(null, { status: 404 });
  const credential = request.headers.get("authorization");
  const resource = `${REALM}/project:${project}`;
  const decision = registry.authorize(credential, "project-read", resource, { path: pathname });
  if (decision.allowed) return Response.json({ project, principal: decision.principal, revision: decision.revision });
  const headers = new Headers();
  if (decision.wwwAuthenticate !== null) headers.set("WWW-Authenticate", decision.wwwAuthenticate);
  if (decision.retryAfter !== null) headers.set("Retry-After", `${decision.retryAfter}`);
  return new Response(null, { status: decision.status, headers });
}
