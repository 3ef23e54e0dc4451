// A worker that decides from what an authority elsewhere published.

import { Replica } from "tokenward-wasm";
import { decide } from "./decide.js";

/** One for the worker, not for the request: it keeps what it pulled. Nothing runs before the first request. */
const replica = new Replica({
  maxAgeSeconds: 300,
  refreshSeconds: 2,
  onError: (error) => console.error(`replica: ${error.code ?? error}`),
});

export async function follow(source, request, context) {
  let registry;
  try {
    registry = await replica.pull(source, context);
  } catch {
    // Nothing was ever pulled: there is nothing to decide with.
    return new Response(null, { status: 503, headers: { "Retry-After": "5" } });
  }
  return decide(registry, request);
}
