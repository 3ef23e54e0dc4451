// Fastify 5: a plugin that protects the scope it is registered in. What a route asks for stands in its `config`, so it is
// tied to the route's pattern and no spelling of a path gets around it.

import { optionsOf } from "../face/arguments.js";
import { typeInvalid } from "../face/error.js";
import { checkRevoker, introspect, revoke } from "./endpoints.js";
import { FORM, FORM_LIMIT, formOfIncoming } from "./form.js";
import { Gate } from "./gate.js";

export { RequestDenied } from "./denied.js";

const OPTIONS = ["authority", "defaultAccess", "introspection", "revocation", "realm", "header", "onDenied"];
const PARAMETER = /:(\w+)/g;

export async function tokenward(fastify, options) {
  const { authority, defaultAccess = "token", introspection, revocation, ...rest } = optionsOf(options, OPTIONS);
  const gate = new Gate(authority, rest);
  /** Under which a route's config holds the rule of this registration, made when the route was. */
  const RULE = Symbol("tokenward");
  const anyToken = gate.anyToken();
  const ruleOf = (access = defaultAccess) => {
    if (access === "public") return null;
    if (access === "token") return anyToken;
    const { permission, resource } = optionsOf(access, ["permission", "resource"], "config.tokenward");
    return gate.guarded(permission, resource);
  };
  const otherwise = ruleOf();

  if (!fastify.hasRequestDecorator("auth")) fastify.decorateRequest("auth", null);

  fastify.addHook("onRoute", (route) => {
    const rule = ruleOf(route.config?.tokenward);
    const known = Array.from(route.url.matchAll(PARAMETER), ([, name]) => name);
    if (rule?.parameters?.some((name) => !known.includes(name))) {
      throw typeInvalid("config.tokenward.resource", "parameters that the route has");
    }
    route.config = { ...route.config, [RULE]: rule };
  });

  fastify.addHook("onRequest", (request, reply, done) => {
    const { config } = request.routeOptions;
    if (config?.[RULE] === undefined && config?.tokenward !== undefined) {
      throw typeInvalid("config.tokenward", "routes that are added after the plugin");
    }
    const rule = config?.[RULE] === undefined ? otherwise : config[RULE];
    if (rule === null) return done();
    const { raw, originalUrl, params } = request;
    const { auth, denial } = gate.judge(rule, authority, raw.rawHeaders, originalUrl, params);
    if (denial !== null) return send(reply, denial);
    request.auth = auth;
    done();
  });

  const endpoint = (url, access, act) =>
    fastify.register(async (scope) => {
      if (!scope.hasContentTypeParser(FORM)) {
        scope.addContentTypeParser(FORM, { parseAs: "string", bodyLimit: FORM_LIMIT }, (_, body, done) =>
          done(null, body),
        );
      }
      const handler = async ({ method, headers, body = "" }, reply) =>
        send(reply, await act(authority, gate.realm, formOfIncoming({ method, headers, body })));
      scope.route({ method: ["GET", "POST"], url, config: { tokenward: access }, handler });
    });
  if (introspection !== undefined) {
    const { url, ...access } = optionsOf(introspection, ["url", "permission", "resource"], "introspection");
    endpoint(url, access, introspect);
  }
  if (revocation !== undefined) {
    checkRevoker(authority);
    endpoint(optionsOf(revocation, ["url"], "revocation").url, "public", revoke);
  }
}

// What `fastify-plugin` would set: the hooks belong to the scope that registers, not to one of the plugin's own.
tokenward[Symbol.for("skip-override")] = true;
tokenward[Symbol.for("fastify.display-name")] = "tokenward";
tokenward[Symbol.for("plugin-meta")] = { name: "tokenward", fastify: "5.x" };

function send(reply, { status, headers, body }) {
  return reply.code(status).headers(headers).send(body);
}
