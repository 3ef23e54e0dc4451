// The log in the SQLite storage of a Durable Object, which nobody else writes to.

import { typeInvalid } from "../dist/face/error.js";
import { SqlStore } from "./sql_store.js";

export class DurableObjectStore extends SqlStore {
  constructor(storage, options) {
    if (typeof storage?.transactionSync !== "function" || typeof storage.sql?.exec !== "function") {
      throw typeInvalid("storage", "the storage of a Durable Object with SQLite");
    }
    const run = (statements) =>
      storage.transactionSync(() => statements.map(([text, ...values]) => storage.sql.exec(text, ...values).toArray()));
    super(async (statements) => run(statements), options);
  }
}
