// What an authority and a verifier have in common: the registry that requests are decided from. Nothing here waits.

import { argumentsText, optionsOf } from "./arguments.js";
import { Decision } from "./decision.js";
import { failure, typeInvalid } from "./error.js";
import { Guard } from "./guard.js";
import { isDate, seconds } from "./instant.js";
import { checkCredential, checkText, pathOf } from "./request.js";
import { documentOf, resultOf, unwrap } from "./results.js";

const { isArray } = Array;
const ITEM = ["credential", "permission", "resource", "path"];

export class Registry {
  #port;
  #cell;

  constructor(port) {
    this.#port = port;
    this.#cell = port.cell;
  }

  get revision() {
    return this.#port.revision();
  }

  authorize(credential, permission, resource, options) {
    if (typeof credential !== "string") checkCredential(credential);
    if (typeof permission !== "string") checkText(permission, "permission");
    if (typeof resource !== "string") checkText(resource, "resource");
    const code = this.#port.authorize(credential, permission, resource, pathOf(options));
    const cell = this.#cell;
    return new Decision(this.#port, code, cell[0], cell[1]);
  }

  authorizeMany(requests) {
    if (!isArray(requests)) throw typeInvalid("requests", "a list");
    const texts = [];
    for (let index = 0; index < requests.length; index++) {
      const { credential, permission, resource, path } = itemOf(requests[index], `requests[${index}]`);
      texts.push(credential ?? undefined, permission, resource, path);
    }
    const answer = this.#port.authorizeMany(texts);
    if (isArray(answer)) throw failure(answer[1], answer[2], answer[3], answer[4]);
    return Array.from(requests, (_, index) => {
      const at = index * 3;
      return new Decision(this.#port, answer[at], answer[at + 1], answer[at + 2]);
    });
  }

  authenticate(credential, options) {
    if (typeof credential !== "string") checkCredential(credential);
    const { realm } = optionsOf(options, ["realm"]);
    if (realm !== undefined) checkText(realm, "realm");
    const code = this.#port.authenticate(credential, realm);
    const cell = this.#cell;
    return new Decision(this.#port, code, cell[0], cell[1]);
  }

  guard(permission, template) {
    checkText(permission, "permission");
    checkText(template, "template");
    const guard = this.#port.guard(permission, template);
    if (isArray(guard)) throw failure(guard[1], guard[2], guard[3], guard[4]);
    return new Guard(guard, this.#port, permission, template);
  }

  introspect(token, options) {
    return documentOf(this.#port.answer("introspect", argumentsText({ token }, options)));
  }

  explain(credential, permission, resource, options) {
    checkCredential(credential);
    const positional = { credential: credential ?? null, permission, resource };
    return resultOf(this.#port.answer("explain", argumentsText(positional, options)));
  }

  lint(patterns) {
    return resultOf(this.#port.answer("lint", argumentsText({ patterns })));
  }

  policy() {
    return documentOf(this.#port.answer("policy", "{}"));
  }

  setClock(instant) {
    this.#port.setClock(clockOf(instant));
  }
}

/** Seconds of a fixed clock; `undefined` for the system's. */
export function clockOf(instant) {
  if (instant === undefined || instant === null) return undefined;
  if (!isDate(instant)) throw typeInvalid("clock", "a Date");
  return seconds(instant, "clock");
}

/** What a native call opened, unless it answers with an error. */
export function opened(port) {
  if (isArray(port)) unwrap(port);
  return port;
}

function itemOf(item, place) {
  if (item === undefined) throw typeInvalid(place, "an object");
  const taken = optionsOf(item, ITEM, place);
  const { credential, permission, resource, path } = taken;
  if (credential !== undefined && credential !== null) checkText(credential, `${place}.credential`);
  checkText(permission, `${place}.permission`);
  checkText(resource, `${place}.resource`);
  if (path !== undefined) checkText(path, `${place}.path`);
  return taken;
}
