// The registry of a store, which sessions change.

import * as native from "../../native.js";
import { argumentsText, documentText, optionsOf } from "./arguments.js";
import { typeInvalid } from "./error.js";
import { clockOf, Registry } from "./registry.js";
import { checkCount } from "./request.js";
import { opened, resultOf } from "./results.js";
import { Session } from "./session.js";

const OPEN = ["policy", "replacePolicy", "clock", "maxAgeSeconds"];

/** Opens a store and holds its registry. */
export class Authority extends Registry {
  #port;

  constructor(port) {
    super(port);
    this.#port = port;
  }

  static async open(store, options) {
    const { policy, replacePolicy, clock, maxAgeSeconds } = optionsOf(options, OPEN);
    if (maxAgeSeconds !== undefined) checkCount(maxAgeSeconds, "max_age_seconds");
    if (replacePolicy !== undefined && typeof replacePolicy !== "boolean") {
      throw typeInvalid("replace_policy", "true or false");
    }
    const text = policyText(policy);
    const port = await native.open(store, text, replacePolicy === true, clockOf(clock), maxAgeSeconds);
    return new Authority(opened(port));
  }

  async createRealm(realm, options) {
    return resultOf(await this.#port.call("create_realm", argumentsText({ realm }, options)));
  }

  async realms() {
    return resultOf(await this.#port.call("realms", "{}"));
  }

  async login(realm, user, password) {
    return this.#open("login", { realm, user, password });
  }

  async loginWithToken(realm, token) {
    return this.#open("login_with_token", { realm, token });
  }

  async session(realm, principal) {
    return this.#open("session", { realm, principal });
  }

  async system(realm) {
    return this.#open("system", { realm });
  }

  async audit(options) {
    return resultOf(await this.#port.call("audit", argumentsText({}, options)));
  }

  async refresh(options) {
    const { revision } = optionsOf(options, ["revision"]);
    if (revision !== undefined) checkCount(revision, "revision");
    return opened(await this.#port.refresh(revision));
  }

  async snapshot() {
    return opened(await this.#port.snapshot());
  }

  async events(after) {
    checkCount(after, "after");
    return opened(await this.#port.events(after));
  }

  async close() {
    opened(await this.#port.close());
  }

  async #open(operation, positional) {
    return new Session(opened(await this.#port.openSession(operation, argumentsText(positional))));
  }
}

/** The name of a preset or the text of a document; a document that is an object becomes JSON. */
function policyText(policy) {
  if (policy === undefined || typeof policy === "string") return policy;
  if (typeof policy !== "object" || policy === null) throw typeInvalid("policy", "text or a policy document");
  return documentText(policy, "policy");
}
