// What all integrations have in common: whom to ask, where the credential stands, and how a denial is told.

import { optionsOf } from "../face/arguments.js";
import { typeInvalid } from "../face/error.js";
import { checkText } from "../face/request.js";
import { principalOf } from "./principal.js";
import { credentialInHeaders, credentialInLines } from "./credential.js";
import { RequestDenied } from "./denied.js";
import { denialOf, problem } from "./answer.js";
import { AnyToken, Guarded } from "./rule.js";
import { pathOfUrl } from "./target.js";

const OPTIONS = ["realm", "header", "onDenied"];
/** RFC 9110's name of a field. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
/** Headers that mean something else. */
const TAKEN = ["authorization", "proxy-authorization", "cookie", "host"];

export class Gate {
  #source;
  #fixed;
  #realm;
  #header;
  #throws;

  /**
   * @param {unknown} source an authority or a verifier, or a function that gives one for a request
   * @param {unknown} options those of {@link import("./options.js").Options}
   */
  constructor(source, options) {
    const { realm, header, onDenied } = optionsOf(options, OPTIONS);
    if (realm !== undefined) checkText(realm, "realm");
    if (onDenied !== undefined && onDenied !== "respond" && onDenied !== "throw") {
      throw typeInvalid("on_denied", "respond or throw");
    }
    this.#realm = realm;
    this.#header = header === undefined ? undefined : fieldName(header);
    this.#throws = onDenied === "throw";
    this.#fixed = typeof source !== "function";
    if (this.#fixed && typeof source?.authorize !== "function") {
      throw typeInvalid("authority", "an Authority, a Verifier or a function that gives one");
    }
    this.#source = source;
  }

  get realm() {
    return this.#realm;
  }

  /** The registry that is the same for every request, if it is one. */
  get registry() {
    return this.#fixed ? this.#source : undefined;
  }

  /** The registry to ask for a request; whatever the function needs to find it is passed on. */
  registryFor(...context) {
    return this.#fixed ? this.#source : this.#source(...context);
  }

  anyToken() {
    return new AnyToken(this.#realm);
  }

  /** A guard on a resource, or on the realm. What is wrong with it is said at once where the registry is there. */
  guarded(permission, template = this.#realm) {
    const rule = new Guarded(permission, template);
    if (this.#fixed) rule.prepare(this.#source);
    return rule;
  }

  /** Decides on what Node says of a request. */
  judge(rule, registry, lines, target, params) {
    return this.#verdict(rule.decide(registry, credentialInLines(lines, this.#header), target, params));
  }

  /** Decides on a web-standard request. Nobody to ask is a state that cannot be decided with. */
  judgeRequest(rule, registry, { url, headers }, params) {
    if (registry === undefined || registry === null) return this.#denied(problem("unavailable"), "unavailable");
    return this.#verdict(rule.decide(registry, credentialInHeaders(headers, this.#header), pathOfUrl(url), params));
  }

  #verdict(decision) {
    if (decision.allowed) return { auth: principalOf(decision), denial: null };
    return this.#denied(denialOf(decision), decision.reason);
  }

  #denied(denial, reason) {
    if (this.#throws) throw new RequestDenied(denial, reason);
    return { auth: null, denial };
  }
}

function fieldName(header) {
  checkText(header, "header");
  const name = header.toLowerCase();
  if (FIELD_NAME.test(name) && !TAKEN.includes(name)) return name;
  throw typeInvalid("header", "the name of a header that is free for credentials");
}
