// Issues, revokes and verifies over a D1 database, which any number of workers write to.

import { Authority, D1Store } from "tokenward-wasm";
import { manage } from "../manage.js";

export default {
  // Opened for each request, which so sees what others have written. Where that is too slow to decide with, publish, and
  // decide from a replica.
  async fetch(request, env) {
    return manage(await Authority.open(new D1Store(env.DB)), request, env);
  },
};
