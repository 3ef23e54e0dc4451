// Verifies from a KV namespace.

import { kvSource } from "tokenward-wasm";
import { follow } from "../follow.js";

export default {
  fetch: (request, env, context) => follow(kvSource(env.TOKENS), request, context),
};
