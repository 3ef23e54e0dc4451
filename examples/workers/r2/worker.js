// Verifies from an R2 bucket.

import { r2Source } from "tokenward-wasm";
import { follow } from "../follow.js";

export default {
  fetch: (request, env, context) => follow(r2Source(env.TOKENS), request, context),
};
