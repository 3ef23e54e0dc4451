// One permission and one resource template, checked once at start-up.

import { optionsOf } from "./arguments.js";
import { decided } from "./decision.js";
import { typeInvalid } from "./error.js";
import { checkCredential, checkedPath } from "./request.js";

const { entries } = Object;
const OPTIONS = ["path", "params"];

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
    const { path, params } = optionsOf(options, OPTIONS);
    checkedPath(path);
    return params === undefined
      ? this.#port.authorize(credential, path)
      : this.#port.authorize(credential, path, ...parameters(params));
  }
}

/** Names and values in turn, as the native side takes them. */
function parameters(params) {
  const list = [];
  for (const [name, value] of entries(optionsOf(params, undefined, "params"))) {
    if (typeof value !== "string") throw typeInvalid("params", "text for each parameter");
    list.push(name, value);
  }
  return list;
}
