// The registry of a store, which sessions change.

import * as native from "../../native.js";
import { argumentsText, documentText, optionsOf } from "./arguments.js";
import { typeInvalid } from "./error.js";
import { call, hooksOf } from "./observers.js";
import { bytesIn, checkTarget } from "./publication.js";
import { clockOf, Registry } from "./registry.js";
import { checkCount } from "./request.js";
import { opened, resultOf } from "./results.js";
import { Session } from "./session.js";

const SWITCHES = { replacePolicy: "replace_policy", readOnly: "read_only" };
const COUNTS = {
  minimumRevision: "minimum_revision",
  maxAgeSeconds: "max_age_seconds",
  keepChanges: "keep_changes",
  keepDays: "keep_days",
};
const OPEN = ["policy", "clock", ...Object.keys(SWITCHES), ...Object.keys(COUNTS)];

/** Opens a store and holds its registry. */
export class Authority extends Registry {
  #port;

  constructor(port) {
    super(port);
    this.#port = port;
  }

  static async open(store, options) {
    const { policy, clock, maxAgeSeconds: maxAge, replacePolicy, readOnly, ...bounds } = openingOf(options);
    const switches = { replacePolicy: replacePolicy === true, readOnly: readOnly === true };
    const opening = { ...bounds, ...switches, maxAge, policy: policyText(policy), clock: clockOf(clock) };
    return new Authority(opened(await native.open(store, opening)));
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
    const { revision, timeoutSeconds } = optionsOf(options, ["revision", "timeoutSeconds"]);
    if (revision !== undefined) checkCount(revision, "revision");
    if (timeoutSeconds !== undefined) checkCount(timeoutSeconds, "timeout_seconds");
    return opened(await this.#port.refresh(revision, timeoutSeconds));
  }

  async snapshot(options) {
    return opened(await this.#port.snapshot(realmOf(options)));
  }

  async events(after, options) {
    checkCount(after, "after");
    return opened(await this.#port.events(after, realmOf(options)));
  }

  async publish(target, options) {
    const realm = realmOf(options);
    if (typeof target === "string") return resultOf(await this.#port.publish(target, realm));
    checkTarget(target);
    const { document, contents, deleted } = opened(
      await this.#port.nextPublication(await bytesIn(await target.get("latest")), realm),
    );
    const published = resultOf(document);
    for (const [index, name] of published.written.entries()) await target.put(name, contents[index]);
    for (const name of deleted) await target.delete(name);
    return published;
  }

  observe(hooks) {
    const { onDecision, onChange } = hooksOf(hooks, ["onDecision", "onChange"]);
    super.observe({ onDecision });
    if (onChange === undefined) return;
    this.#port.observe((outcome) => {
      for (const entry of resultOf(outcome)) call(onChange, entry);
    });
  }

  async close() {
    opened(await this.#port.close());
  }

  async #open(operation, positional) {
    return new Session(opened(await this.#port.openSession(operation, argumentsText(positional))));
  }
}

/** How a store is to be opened, its switches and counts checked. */
function openingOf(options) {
  const opening = optionsOf(options, OPEN);
  for (const [name, place] of Object.entries(COUNTS)) {
    if (opening[name] !== undefined) checkCount(opening[name], place);
  }
  for (const [name, place] of Object.entries(SWITCHES)) {
    if (opening[name] !== undefined && typeof opening[name] !== "boolean") throw typeInvalid(place, "true or false");
  }
  return opening;
}

/** The realm that is meant, if one is. */
function realmOf(options) {
  const { realm } = optionsOf(options, ["realm"]);
  if (realm !== undefined && typeof realm !== "string") throw typeInvalid("realm", "text");
  return realm;
}

/** The name of a preset or the text of a document; a document that is an object becomes JSON. */
function policyText(policy) {
  if (policy === undefined || typeof policy === "string") return policy;
  if (typeof policy !== "object" || policy === null) throw typeInvalid("policy", "text or a policy document");
  return documentText(policy, "policy");
}
