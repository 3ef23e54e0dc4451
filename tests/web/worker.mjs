// The applications in workerd: `APP` and `VARIANT` are bindings.

import * as api from "tokenward-wasm";
import * as fetchFace from "tokenward-wasm/fetch";
import * as honoFace from "tokenward-wasm/hono";
import { fetchApp } from "./apps/fetch.mjs";
import { honoApp } from "./apps/hono.mjs";
import { policy } from "./apps/routes.mjs";
import { World } from "./world.mjs";

const apps = {
  fetch: (authority, variant) => fetchApp(fetchFace.tokenward, authority, variant),
  hono: (authority, variant) => honoApp(honoFace.tokenward, authority, variant).fetch,
};

let begun;

async function begin({ APP, VARIANT }) {
  const world = await World.open(api, policy);
  return { world, app: apps[APP](world.authority, VARIANT) };
}

export default {
  async fetch(request, env) {
    begun ??= begin(env);
    const { world, app } = await begun;
    return request.url.endsWith("/-/perform") ? Response.json(await world.perform(await request.json())) : app(request);
  },
};
