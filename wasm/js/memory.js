// The store of tests: a log in memory.

import { check, refusedAs } from "./sql_store.js";

export class MemoryStore {
  #identity = null;
  #floor = 0;
  #records = [];
  #snapshot = null;

  async identity() {
    this.#identity ??= crypto.randomUUID().replaceAll("-", "");
    return this.#identity;
  }

  async read(after) {
    if (after > this.#end) throw refusedAs("log_damaged", `log[${after}]`);
    if (after < this.#floor) throw refusedAs("log_missing", "after");
    return this.#records.slice(after - this.#floor);
  }

  async append(expected, records) {
    if (expected !== this.#end) return false;
    this.#records.push(...records);
    return true;
  }

  async snapshot() {
    return this.#snapshot;
  }

  async writeSnapshot({ revision, bytes }) {
    if (revision > this.#end) throw refusedAs("snapshot_invalid", "snapshot.revision");
    if (revision < (this.#snapshot?.revision ?? 0)) throw refusedAs("snapshot_older", "snapshot.revision");
    this.#snapshot = { revision, bytes };
  }

  async compact(keepAfter) {
    if ((this.#snapshot?.revision ?? 0) < keepAfter) throw refusedAs("snapshot_older", "keep_after");
    check(this.#snapshot);
    this.#records.splice(0, keepAfter - this.#floor);
    this.#floor = Math.max(this.#floor, keepAfter);
  }

  get #end() {
    return this.#floor + this.#records.length;
  }
}
