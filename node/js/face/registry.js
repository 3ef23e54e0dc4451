// What an authority and a verifier have in common: the registry that requests are decided from. Nothing here waits.

import { argumentsText, optionsOf } from "./arguments.js";
import { Decision, decided } from "./decision.js";
import { typeInvalid } from "./error.js";
import { Guard } from "./guard.js";
import { isDate, seconds } from "./instant.js";
import { hooksOf, Observers } from "./observers.js";
import { checkCredential, checkOptions, checkText, isPlain, ownOf, pathOf } from "./request.js";
import { documentOf, opened, resultOf } from "./results.js";

const { isArray } = Array;
const ITEM = ["credential", "permission", "resource", "path"];

/** Decides requests from memory. */
export class Registry {
  #port;
  #observers = new Observers();

  constructor(port) {
    this.#port = port;
  }

  get revision() {
    return this.#port.revision();
  }

  get age() {
    return this.#port.age();
  }

  authorize(credential, permission, resource, options) {
    if (typeof credential !== "string") checkCredential(credential);
    if (typeof permission !== "string") checkText(permission, "permission");
    if (typeof resource !== "string") checkText(resource, "resource");
    const path = pathOf(options);
    const port = this.#port;
    if (!this.#observers.listening) return decided(port, port.authorize(credential, permission, resource, path));
    return this.#observers.decide(permission, () =>
      decided(port, port.authorize(credential, permission, resource, path)),
    );
  }

  authorizeMany(requests) {
    if (!isArray(requests)) throw typeInvalid("requests", "a list");
    const texts = [];
    for (let index = 0; index < requests.length; index++) {
      pushRequest(requests[index], index, texts);
    }
    const port = this.#port;
    const observed = this.#observers.listening;
    const began = observed ? performance.now() : 0;
    const answer = opened(port.authorizeMany(texts));
    const each = observed ? (performance.now() - began) / Math.max(1, requests.length) : 0;
    const decisions = Array.from({ length: texts.length / 4 }, (_, index) => {
      const at = index * 5;
      port.revisionCell[0] = answer[at + 1];
      port.idCell.set(answer.subarray(at + 2, at + 5));
      return new Decision(port, answer[at]);
    });
    if (observed) {
      for (const [index, decision] of decisions.entries()) this.#observers.tell(decision, texts[index * 4 + 1], each);
    }
    return decisions;
  }

  authenticate(credential, options) {
    if (typeof credential !== "string") checkCredential(credential);
    const { realm, path } = optionsOf(options, ["realm", "path"]);
    if (realm !== undefined) checkText(realm, "realm");
    if (path !== undefined) checkText(path, "path");
    const port = this.#port;
    if (!this.#observers.listening) return decided(port, port.authenticate(credential, realm, path));
    return this.#observers.decide(null, () => decided(port, port.authenticate(credential, realm, path)));
  }

  guard(permission, template) {
    checkText(permission, "permission");
    checkText(template, "template");
    const guard = opened(this.#port.guard(permission, template));
    return new Guard(guard, this.#port, this.#observers, permission, template);
  }

  observe(hooks) {
    const { onDecision } = hooksOf(hooks, ["onDecision"]);
    if (onDecision !== undefined) this.#observers.add(onDecision);
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

  scanPattern() {
    return resultOf(this.#port.answer("scan_pattern", "{}"));
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

/** Adds the texts of one request to a list; one that has no credential or path adds `undefined`. */
function pushRequest(item, index, texts) {
  if (typeof item !== "object" || item === null || !isPlain(item)) optionsOf(item ?? null, ITEM, `requests[${index}]`);
  else checkOptions(item, ITEM);
  const credential = ownOf(item, "credential") ?? undefined;
  const permission = ownOf(item, "permission");
  const resource = ownOf(item, "resource");
  const path = ownOf(item, "path");
  if (credential !== undefined && typeof credential !== "string")
    checkText(credential, `requests[${index}].credential`);
  if (typeof permission !== "string") checkText(permission, `requests[${index}].permission`);
  if (typeof resource !== "string") checkText(resource, `requests[${index}].resource`);
  if (path !== undefined && typeof path !== "string") checkText(path, `requests[${index}].path`);
  texts.push(credential, permission, resource, path);
}
