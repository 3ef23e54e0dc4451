// What stands behind the face in this package: the WASM module, and stores that JavaScript brings.

import { typeInvalid } from "./dist/face/error.js";
import { Registry } from "./dist/tokenward_bg.js";
import { AuthorityPort } from "./js/authority.js";
import { assertAlive, refusal, refused } from "./js/instance.js";
import { MemoryStore } from "./js/memory.js";
import { Requests } from "./js/requests.js";

export { version } from "./dist/tokenward_bg.js";

/** @returns {Promise<AuthorityPort | string[]>} */
export async function open(store, { policy, replacePolicy, clock, maxAge, ...opening }) {
  assertAlive();
  // What of a log is kept, and who may write it, is the matter of who brings the store.
  if (opening.readOnly) return refusal("field_unknown", "read_only");
  if (opening.minimumRevision !== undefined) return refusal("field_unknown", "minimum_revision");
  if (opening.keepChanges !== undefined) return refusal("field_unknown", "keep_changes");
  if (opening.keepDays !== undefined) return refusal("field_unknown", "keep_days");
  if (typeof store === "string" && store !== "memory:") return refusal("store_unknown", "store");
  const log = store === "memory:" ? new MemoryStore() : store;
  if (typeof log?.read !== "function" || typeof log.append !== "function") {
    throw typeInvalid("store", "memory: or an object with read and append");
  }
  return AuthorityPort.open(log, policy, replacePolicy, clock, maxAge);
}

/** @returns {VerifierPort | string[]} */
export function load(snapshot, maxAge, clock) {
  assertAlive();
  try {
    return new VerifierPort(Registry.load(snapshot), clock, maxAge);
  } catch (thrown) {
    return refused(thrown);
  }
}

class VerifierPort extends Requests {
  #registry;

  constructor(registry, clock, maxAge) {
    super(registry, clock, maxAge);
    this.#registry = registry;
  }

  apply(events) {
    assertAlive();
    const heard = this.moment();
    try {
      const revision = this.#registry.apply(events);
      this.confirm(heard);
      return revision;
    } catch (thrown) {
      return refused(thrown);
    }
  }
}
