// The store of tests: a log in memory.

export class MemoryStore {
  #records = [];

  async read(after) {
    return this.#records.slice(after);
  }

  async append(expected, records) {
    if (expected !== this.#records.length) return false;
    this.#records.push(...records);
    return true;
  }
}
