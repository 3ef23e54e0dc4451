// Runs in workerd: answers any request with the outcome.
import * as api from "tokenward-wasm";
import { outcome } from "./outcome.mjs";

export default {
  async fetch(request) {
    return Response.json(await outcome(api, "wasm", new URL(request.url).searchParams.get("runtime")));
  },
};
