// Verifies from a folder that a web server hands out.

import { httpSource } from "tokenward-wasm";
import { follow } from "../follow.js";

export default {
  fetch: (request, env, context) => follow(httpSource(env.TOKENS_URL), request, context),
};
