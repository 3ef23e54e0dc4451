// Where a framework or a runtime answers before the integration is asked, or hands over a path that it has resolved already:
// by the name of the case, what is answered instead. Every row is a fact about somebody else's code and is tested as such.

const refusedAhead = (why) => ({ expect: { refused: [400] }, why });
const notRouted = (why) => ({ expect: { status: 404 }, why });
const resolvedTo = (why) => ({ expect: { status: 200, answer: { principal: "token:reader" } }, why });

/** Express matches the path as it came, and decodes parameters only. */
export const express = {
  "an escaped path": notRouted("its router does not decode what stands in a pattern"),
};

export const fastify = {
  "a path that the token was not issued for, behind the protection": {
    expect: {
      problem: "insufficient_scope",
      headers: { "www-authenticate": 'Bearer realm="default", error="insufficient_scope", scope="project-read"' },
    },
    why: "one hook decides for the plugin and for the route, so the answer names the permission",
  },
  ...Object.fromEntries(
    [
      "path /public/%u002e%u002e/admin",
      "path /public/%e0%80%ae/admin",
      "path /public%c0%afadmin",
      "path /public/%ed%a0%80",
      "path /a%",
      "path /a%zz",
      "path /a%%32%66",
    ].map((name) => [name, refusedAhead("its router refuses what does not decode, before any hook")]),
  ),
};

/** `Request.url` where the server parses it as a URL: dot segments and backslashes are gone before anything looks. */
const resolved = {
  "path /public/..": notRouted("it is /files/"),
  "path /..": notRouted("it is /"),
  "path /public/.": resolvedTo("it is /files/public/"),
  "path /public/.%2e/admin": resolvedTo("it is /files/admin"),
  "path /public/%2E./admin": resolvedTo("it is /files/admin"),
  "path /%2e%2e/items/7": resolvedTo("it is /items/7"),
  "a path that cannot be read, with a token that is not valid": {
    expect: { problem: "invalid_token" },
    why: "it is /files/, which can be read",
  },
  "a public route by another spelling": { expect: { status: 200 }, why: "it is /health" },
};

const further = {
  ...resolved,
  "path /public/.;/../admin": resolvedTo("it is /files/public/admin"),
  "path /public\\..\\admin": resolvedTo("it is /files/admin"),
};

/** Of @hono/node-server, which parses only where it must. */
export const honoOnNode = {
  ...resolved,
  "path /public\\..\\admin": refusedAhead("@hono/node-server refuses it"),
  "path /public/.;/../admin": { expect: { refused: [200, 400] }, why: "the URL parser of Node 20 leaves it as it is" },
};

export const deno = {};
export const bun = further;
export const workerd = { ...further, "path /admin#foo": resolvedTo("it is /files/admin") };
/** The router of the test's own application, which matches the path as it came. */
export const plainRouter = { "an escaped path": notRouted("the router does not decode what stands in a pattern") };
