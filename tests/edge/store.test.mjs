// The suite of stores, on each store of the package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "../../wasm/js/memory.js";
import { everywhere, names, run } from "./store_suite.mjs";
import { ask, start, worker } from "./workers.mjs";

test("memory", async (t) => {
  for (const name of Object.keys(everywhere)) {
    await t.test(name, async () => {
      const store = new MemoryStore();
      assert.equal(await run(name, { open: () => store }), null);
    });
  }
});

test("in workerd", async (t) => {
  const stores = await worker("stores", "tests/edge/store_worker.mjs", {
    durableObjects: { LOG: { className: "Log", useSQLite: true } },
    d1Databases: ["DB"],
  });
  const { url } = await start(t, stores);
  for (const kind of ["durable_object", "d1"]) {
    await t.test(kind, async (t) => {
      for (const name of names) {
        await t.test(name, async () => {
          const response = await ask(new URL(`/${kind}?name=${encodeURIComponent(name)}`, url));
          assert.equal(await response.json(), null);
        });
      }
    });
  }
});
