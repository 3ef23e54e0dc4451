// Runs in workerd: one test of the suite on a store that lives there.

import { DurableObject } from "cloudflare:workers";
import { D1Store, DurableObjectStore } from "tokenward-wasm";
import { run } from "./store_suite.mjs";

export class Log extends DurableObject {
  test(name) {
    const { storage } = this.ctx;
    return run(name, {
      open: (options) => new DurableObjectStore(storage, options),
      sql: async (text, ...values) => storage.sql.exec(text, ...values).toArray(),
    });
  }
}

export default {
  async fetch(request, { LOG, DB }) {
    const { pathname, searchParams } = new URL(request.url);
    const name = searchParams.get("name");
    if (pathname === "/durable_object") return Response.json(await LOG.get(LOG.newUniqueId()).test(name));
    for (const table of ["head", "log", "snapshot"]) await DB.exec(`DROP TABLE IF EXISTS tokenward_${table}`);
    const open = (options) => new D1Store(DB, options);
    return Response.json(
      await run(name, {
        open,
        sql: (text, ...values) =>
          DB.prepare(text)
            .bind(...values)
            .all(),
      }),
    );
  },
};
