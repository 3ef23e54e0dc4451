import { header, introspect, pattern, realm, revoke, routes, shown } from "./routes.mjs";

/** The application as a web-standard handler, with a router of a few lines. */
export function fetchApp(tokenward, authority, variant) {
  const tokens = tokenward(authority, { realm, header });
  const table = [];
  const add = (method, route, handle) => table.push({ method, path: pathOf(route), handle });
  const answer = (_request, auth) => Response.json(shown(auth) ?? {});
  for (const { method, route, permission, resource, public: open } of routes) {
    if (permission !== undefined) add(method, route, tokens.require(permission, resource, answer, paramsIn(route)));
    else if (open || variant === "protected") add(method, route, answer);
    else add(method, route, tokens.authenticate(answer));
  }
  add(undefined, introspect.route, tokens.require(introspect.permission, undefined, tokens.introspection()));
  add(undefined, revoke.route, tokens.revocation());

  const open = [revoke.route, ...routes.filter((route) => route.public).map(({ route }) => route)];
  const dispatch = (request, auth) =>
    table
      .find(({ method, path }) => (method ?? request.method) === request.method && path.test(pathIn(request)))
      ?.handle(request, auth) ?? new Response(null, { status: 404 });
  if (variant === "routes") return dispatch;
  const inside = tokens.authenticate(dispatch);
  return (request) => (open.includes(pathIn(request)) ? dispatch(request) : inside(request));
}

const pathOf = (route) => new RegExp(`^${pattern(route, "(?<$1>[^/]+)", "(?<$1>.+)")}$`);
const pathIn = ({ url }) => url.replace(/^[^/]*\/\/[^/]*/, "").split("?", 1)[0];

function paramsIn(route) {
  const path = pathOf(route);
  return (request) => {
    const found = Object.entries(path.exec(pathIn(request)).groups ?? {});
    return Object.fromEntries(found.map(([name, text]) => [name, decodeURIComponent(text)]));
  };
}
