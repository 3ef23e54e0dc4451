// The log in a D1 database, which many workers write to. A batch is one transaction there.

import { typeInvalid } from "../dist/face/error.js";
import { SqlStore } from "./sql_store.js";

export class D1Store extends SqlStore {
  constructor(database, options) {
    if (typeof database?.prepare !== "function" || typeof database.batch !== "function") {
      throw typeInvalid("database", "a D1 database");
    }
    super(async (statements) => {
      const bound = statements.map(([text, ...values]) => database.prepare(text).bind(...values));
      return (await database.batch(bound)).map(({ results }) => results);
    }, options);
  }
}
