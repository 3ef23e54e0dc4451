// One permission and one resource template, checked once at start-up.

import { optionsOf } from "./arguments.js";
import { decided } from "./decision.js";
import { typeInvalid } from "./error.js";
import { checkCredential, checkedPath, checkOptions, isPlain, ownOf } from "./request.js";

const { entries, hasOwn } = Object;

/** A permission and a resource template (`organization:{org}/database:{db}`) for one kind of request. */
export class Guard {
  #port;
  #source;

  constructor(port, source, permission, template) {
    this.#port = port;
    this.#source = source;
    this.permission = permission;
    this.template = template;
    Object.freeze(this);
  }

  authorize(credential, options) {
    if (typeof credential !== "string") checkCredential(credential);
    const code =
      typeof options === "object"
        ? this.#withOptions(credential, options)
        : this.#port.authorize(credential, checkedPath(options));
    return decided(this.#source, code);
  }

  #withOptions(credential, options) {
    checkOptions(options, "path", "params");
    const path = checkedPath(ownOf(options, "path"));
    const params = ownOf(options, "params");
    if (params === undefined) return this.#port.authorize(credential, path);
    const { parameters } = this.#port;
    if (!fits(params, parameters)) return this.#port.authorizeNamed(credential, path, ...named(params));
    if (parameters.length === 1) return this.#port.authorize(credential, path, params[parameters[0]]);
    return this.#port.authorize(credential, path, ...parameters.map((name) => params[name]));
  }
}

/** Whether these are the template's parameters and nothing else, so that only their values need be handed over. */
function fits(params, parameters) {
  if (params === null || typeof params !== "object" || !isPlain(params)) return false;
  let count = 0;
  for (const name in params) if (typeof params[name] === "string") count++;
  return count === parameters.length && parameters.every((name) => hasOwn(params, name));
}

/** Names and values in turn: the native side says what is wrong with them. */
function named(params) {
  const list = [];
  for (const [name, value] of entries(optionsOf(params, undefined, "params"))) {
    if (typeof value !== "string") throw typeInvalid("params", "text for each parameter");
    list.push(name, value);
  }
  return list;
}
