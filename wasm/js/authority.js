// Changing a registry whose log lies in a store: decide, append, take over. On a conflict, catch up and decide again.

import { failure, TokenwardError, typeInvalid } from "../dist/face/error.js";
import { Publication, Registry } from "../dist/tokenward_bg.js";
import { assertAlive, refusal, refused } from "./instance.js";
import { Requests } from "./requests.js";

const { isArray } = Array;
/** How often a change is decided again after somebody else was faster. */
const ATTEMPTS = 32;
/** For how many seconds a revision is waited for, and how many milliseconds lie between two looks at the store. */
const PATIENCE = 5;
const PAUSE = 20;
/** Records behind the store's snapshot that make it worth while to write another one. */
const TAIL = 1_000;

/** The most that one call of `audit` lists. */
const AUDITED = 10_000;

export class AuthorityPort extends Requests {
  #registry;
  #store;
  /** Why nothing can be changed any more: an outcome, or null. */
  #ended = null;
  /** The revision of the store's snapshot, or where keeping one failed last. */
  #kept;
  /** Who is told of changes, and the revision up to which they were. */
  #observers = [];
  #told = 0;
  /** Changes are made one after another. */
  #turn = Promise.resolve();

  constructor(registry, kept, store, clock, maxAge) {
    super(registry, clock, maxAge);
    this.#registry = registry;
    this.#kept = kept;
    this.#store = store;
  }

  /** Reads the log, or begins it. */
  static async open(store, policy, replacePolicy, clock, maxAge) {
    const begun = await begin(store, policy ?? "default", clock ?? Math.floor(Date.now() / 1000));
    if (isArray(begun)) return begun;
    const { registry, kept } = begun;
    const port = new AuthorityPort(registry, kept, store, clock, maxAge);
    await port.#keepSnapshot();
    if (policy === undefined) return port;
    try {
      if (registry.has_policy(policy)) return port;
    } catch (thrown) {
      return refused(thrown);
    }
    if (!replacePolicy) return refusal("policy_mismatch", "policy");
    const outcome = await port.change(() => registry.adopt(policy, port.now()));
    return outcome[0] === "error" ? outcome : port;
  }

  /** Has a function told of each change from now on, in lists as `audit` answers. */
  observe(tell) {
    if (this.#observers.length === 0) this.#told = this.revision();
    this.#observers.push(tell);
  }

  answer(operation, text) {
    return this.#ended ?? super.answer(operation, text);
  }

  async call(operation, text) {
    if (operation === "create_realm") return this.change(() => this.#registry.found(text, this.now()));
    if (operation === "audit") return this.#audit(text);
    return this.answer(operation, text);
  }

  async openSession(operation, text) {
    if (this.#ended !== null) return this.#ended;
    assertAlive();
    try {
      const session = this.#registry.open_session(operation, text, this.now());
      const { realm, principal } = session;
      return { realm, principal, call: (name, given) => this.#perform(session, name, given) };
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /**
   * Makes a change.
   *
   * @param {() => string[]} propose gives the records of the change, none when there is nothing to change
   * @returns {Promise<unknown[]>} the outcome
   */
  change(propose) {
    const turn = this.#turn.then(() => this.#change(propose));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async refresh(wanted, timeout = PATIENCE) {
    for (let left = Math.ceil((timeout * 1000) / PAUSE); ; left--) {
      const turn = this.#turn.then(() => this.#ended ?? this.#catchUp());
      this.#turn = turn.catch(() => undefined);
      const fault = await turn;
      if (fault !== null) return fault;
      const outcome = await this.#settleImports();
      if (outcome[0] === "error") return outcome;
      const reached = this.revision();
      if (!(wanted > reached)) return reached;
      if (left <= 0) return refusal("stale", "revision");
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  async snapshot(realm) {
    assertAlive();
    try {
      return realm === undefined ? this.#registry.snapshot() : this.#registry.realm_snapshot(realm);
    } catch (thrown) {
      return refused(thrown);
    }
  }

  async events(after, realm) {
    if (this.#ended !== null) return this.#ended;
    const records = await read(this.#store, after);
    assertAlive();
    try {
      return this.#registry.shared_events(records.slice(0, Math.max(0, this.revision() - after)), realm);
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** What is to be published behind what is, which is given as bytes. */
  async nextPublication(latest, realm) {
    if (this.#ended !== null) return this.#ended;
    const store = await identityOf(this.#store);
    // Before the store is asked: nobody knows how long the answer takes.
    const knownAt = this.now();
    const reached = await this.refresh();
    if (isArray(reached)) return reached;
    const text = latest === undefined ? undefined : new TextDecoder().decode(latest);
    let next;
    try {
      const from = text === undefined ? reached : Publication.read(text).revision();
      const delta = from < reached ? await this.#delta(from, realm) : undefined;
      // Others may have changed it while the log was read: what is published is what the delta leads to.
      if (this.revision() !== reached) return this.nextPublication(latest, realm);
      next = this.#registry.publish(text, store, realm, knownAt, delta);
    } catch (thrown) {
      if (thrown instanceof TokenwardError) throw thrown;
      return refused(thrown);
    }
    const document = next.outcome();
    const { written } = JSON.parse(document[1]);
    return { document, contents: written.map((_, index) => next.content(index)), deleted: next.deleted() };
  }

  async publish() {
    throw typeInvalid("target", "an object with get, put and delete");
  }

  /** What came after a revision; `undefined` where the log does not tell any more. */
  async #delta(from, realm) {
    try {
      const events = await this.events(from, realm);
      return isArray(events) ? undefined : events;
    } catch (error) {
      if (error.code === "log_missing") return undefined;
      throw error;
    }
  }

  async close() {
    const settled = await this.#settleImports();
    const noted = await this.change(() => this.#registry.note_uses(this.now()));
    const outcome = settled[0] === "error" ? settled : noted;
    const first = this.#ended === null;
    this.#ended ??= refusal("closed");
    this.shut();
    return first && outcome[0] === "error" ? outcome : undefined;
  }

  /** Writes that imported tokens that were used are stored in our own form from here on. */
  async #settleImports() {
    if (this.#ended !== null) return this.#ended;
    assertAlive();
    if (!this.#registry.has_first_uses()) return ["none"];
    return this.change(() => this.#registry.settle_imports(this.now()));
  }

  async #audit(text) {
    if (this.#ended !== null) return this.#ended;
    assertAlive();
    try {
      const records = await read(this.#store, this.#registry.audit_after(text));
      assertAlive();
      return this.#registry.audit(text, records);
    } catch (thrown) {
      if (thrown instanceof TokenwardError) throw thrown;
      return refused(thrown);
    }
  }

  #perform(session, operation, text) {
    return this.change(() => {
      return this.#registry.perform(session, operation, text, this.now());
    });
  }

  async #change(propose) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (this.#ended !== null) return this.#ended;
      assertAlive();
      let records;
      try {
        records = propose();
      } catch (thrown) {
        if (thrown instanceof TokenwardError) throw thrown;
        return refused(thrown);
      }
      if (records.length === 0) return this.#commit();
      const asked = this.moment();
      if (await this.#append(records)) {
        this.confirm(asked);
        const outcome = this.#commit();
        this.#tell(records);
        await this.#keepSnapshot();
        return outcome;
      }
      const before = this.revision();
      const fault = await this.#catchUp();
      if (fault !== null) return fault;
      if (this.revision() === before) break;
    }
    return refusal("revision_conflict");
  }

  #commit() {
    try {
      return this.#registry.commit();
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** Has the store keep a snapshot when the log behind the last one has grown long. The change is made without it, too. */
  async #keepSnapshot() {
    const revision = this.revision();
    if (typeof this.#store.writeSnapshot !== "function" || revision - this.#kept < TAIL) return;
    this.#kept = revision;
    try {
      await this.#store.writeSnapshot({ revision, bytes: this.#registry.complete_snapshot() });
    } catch {
      // Somebody else was faster, or it fails and is tried again when the log has grown on.
    }
  }

  /** Tells of the changes that these records are. What a snapshot took the place of nobody can tell. */
  #tell(records) {
    if (this.#observers.length === 0 || records.length === 0) return;
    for (let from = 0; from < records.length; from += AUDITED) {
      const part = records.slice(from, from + AUDITED);
      const outcome = this.#registry.audit(`{"after":${this.#told},"limit":${AUDITED}}`, part);
      for (const tell of this.#observers) tell(outcome);
    }
    this.#told = this.revision();
  }

  /** After a failure nobody knows what the store holds, so that nothing more is written. */
  async #append(records) {
    try {
      return await append(this.#store, this.revision(), records);
    } catch (error) {
      this.#ended = refusal("store_failed");
      throw error;
    }
  }

  async #catchUp() {
    const asked = this.moment();
    let kept = null;
    let records;
    try {
      records = await read(this.#store, this.revision());
    } catch (error) {
      // The log was compacted past what this registry has: the snapshot holds it.
      if (error.code !== "log_missing") throw error;
      kept = await snapshotOf(this.#store);
      if (kept === null) throw error;
      records = await read(this.#store, kept.revision);
    }
    try {
      if (kept !== null) this.#registry.reload(kept.bytes);
      this.#registry.follow(records);
      this.confirm(asked);
      this.#tell(records);
      return null;
    } catch (thrown) {
      return refused(thrown);
    }
  }
}

/** The registry of a log and the revision of its snapshot, an empty log begun under a policy; or an outcome. */
async function begin(store, policy, now) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const snapshot = await snapshotOf(store);
    const kept = snapshot?.revision ?? 0;
    const records = await read(store, kept);
    try {
      if (snapshot !== null) {
        const registry = Registry.restore(snapshot.bytes);
        if (registry.revision() !== kept) return refusal("snapshot_invalid", "snapshot.revision");
        registry.follow(records);
        return { registry, kept };
      }
      if (records.length > 0) return { registry: Registry.replay(records), kept };
      const registry = Registry.begin(policy, now);
      if (await append(store, 0, registry.proposed())) {
        registry.commit();
        return { registry, kept };
      }
    } catch (thrown) {
      if (thrown instanceof TokenwardError) throw thrown;
      return refused(thrown);
    }
  }
  return refusal("revision_conflict");
}

async function snapshotOf(store) {
  if (typeof store.snapshot !== "function") return null;
  try {
    return await store.snapshot();
  } catch (cause) {
    throw storeFailed(cause);
  }
}

async function identityOf(store) {
  if (typeof store.identity !== "function") throw typeInvalid("store", "a store with identity");
  try {
    return `${await store.identity()}`;
  } catch (cause) {
    throw storeFailed(cause);
  }
}

async function append(store, expected, records) {
  try {
    return (await store.append(expected, records)) === true;
  } catch (cause) {
    throw storeFailed(cause);
  }
}

async function read(store, after) {
  let records;
  try {
    records = await store.read(after);
  } catch (cause) {
    throw storeFailed(cause);
  }
  if (!isArray(records) || !records.every((record) => typeof record === "string")) throw storeFailed(undefined);
  return records;
}

/** What a store says in codes of ours stays as it is. */
export function storeFailed(cause) {
  if (cause instanceof TokenwardError) return cause;
  const [, category, code, place, message] = refusal("store_failed");
  return failure(category, code, place, message, { cause });
}
