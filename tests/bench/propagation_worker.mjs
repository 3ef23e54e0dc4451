// Runs in workerd: a replica that looks at its source with every request.

import { httpSource, Replica } from "tokenward-wasm";

const replica = new Replica({ maxAgeSeconds: 300, refreshSeconds: 0 });

export default {
  async fetch(request, env, context) {
    const registry = await replica.pull(httpSource(env.SOURCE), context);
    return new Response(null, { status: registry.authenticate(request.headers.get("authorization")).status });
  },
};
