// One permission and one resource template, checked once at start-up.

import { optionsOf } from "./arguments.js";
import { decided } from "./decision.js";
import { typeInvalid } from "./error.js";
import { checkCredential, checkedPath, checkOptions, isPlain, ownOf } from "./request.js";

const { entries, hasOwn } = Object;
const OPTIONS = ["path", "params"];

/** A permission and a resource template (`organization:{org}/database:{db}`) for one kind of request. */
export class Guard {
  #port;
  #source;
  #observers;

  constructor(port, source, observers, permission, template) {
    this.#port = port;
    this.#source = source;
    this.#observers = observers;
    this.permission = permission;
    this.template = template;
    Object.freeze(this);
  }

  authorize(credential, options) {
    if (typeof credential !== "string") checkCredential(credential);
    if (!this.#observers.listening) return this.#decide(credential, options);
    return this.#observers.decide(this.permission, () => this.#decide(credential, options));
  }

  #decide(credential, options) {
    const code =
      typeof options === "object"
        ? this.#withOptions(credential, options)
        : this.#port.authorize(credential, checkedPath(options));
    return decided(this.#source, code);
  }

  #withOptions(credential, options) {
    checkOptions(options, OPTIONS);
    const path = checkedPath(ownOf(options, "path"));
    const params = ownOf(options, "params");
    if (params === undefined) return this.#port.authorize(credential, path);
    const { parameters } = this.#port;
    const values = valuesOf(params, parameters);
    if (values === null) return this.#port.authorizeNamed(credential, path, named(params));
    return this.#port.authorizeWith(credential, path, values);
  }
}

/** The values of the template's parameters in order, if the parameters are these and no others; else null. */
function valuesOf(params, parameters) {
  if (params === null || typeof params !== "object" || !isPlain(params)) return null;
  const { length } = parameters;
  let count = 0;
  for (const _ in params) count++;
  if (count !== length) return null;
  const values = new Array(length);
  for (let index = 0; index < length; index++) {
    const name = parameters[index];
    const value = hasOwn(params, name) ? params[name] : undefined;
    if (typeof value !== "string") return null;
    values[index] = value;
  }
  return values;
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
