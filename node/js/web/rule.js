// What lets a request in: any live token, or a guard.

import { typeInvalid } from "../face/error.js";

const PARAMETER = /\{([^{}]*)\}/g;

/** Lets every live token in, of one realm if one is named, on the paths that it was issued for. */
export class AnyToken {
  #realm;

  constructor(realm) {
    this.#realm = realm;
  }

  decide(registry, credential, path) {
    return registry.authenticate(credential, { realm: this.#realm, path });
  }
}

/** Lets in whoever holds a permission on the resource that the route's parameters name. */
export class Guarded {
  #permission;
  #template;
  #guards = new WeakMap();

  constructor(permission, template) {
    if (template === undefined) throw typeInvalid("resource", "text, or a realm to ask on");
    this.#permission = permission;
    this.#template = template;
    this.parameters = Array.from(`${template}`.matchAll(PARAMETER), ([, name]) => name);
  }

  /** Makes the guard of a registry, once: at start-up where the registry is there by then. */
  prepare(registry) {
    let guard = this.#guards.get(registry);
    if (guard === undefined) {
      guard = registry.guard(this.#permission, this.#template);
      this.#guards.set(registry, guard);
    }
    return guard;
  }

  decide(registry, credential, path, given) {
    const guard = this.prepare(registry);
    if (this.parameters.length === 0) return guard.authorize(credential, path);
    const params = {};
    for (const name of this.parameters) {
      // One that the route does not have is the program's mistake, and the guard says so.
      if (given && Object.hasOwn(given, name)) params[name] = given[name];
    }
    return guard.authorize(credential, { path, params });
  }
}
