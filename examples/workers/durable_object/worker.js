// Issues, revokes and verifies in one Durable Object, whose storage is the log, and publishes to a KV namespace for workers
// that only verify.

import { DurableObject } from "cloudflare:workers";
import { Authority, DurableObjectStore } from "tokenward-wasm";
import { manage } from "../manage.js";

/** Milliseconds: KV takes one write in a second, and replicas have to hear of it that nothing has changed. */
const SOON = 1_000;
const AGAIN = 60_000;

export class Tokens extends DurableObject {
  #opened = null;

  async fetch(request) {
    const response = await manage(await this.#authority(), request, this.env);
    if (request.method !== "GET" && response.ok) await this.ctx.storage.setAlarm(Date.now() + SOON);
    return response;
  }

  /** An alarm that fails is rung again. */
  async alarm() {
    const authority = await this.#authority();
    await authority.publish(this.env.TOKENS);
    await this.ctx.storage.setAlarm(Date.now() + AGAIN);
  }

  #authority() {
    this.#opened ??= Authority.open(new DurableObjectStore(this.ctx.storage)).catch((error) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }
}

export default {
  fetch: (request, env) => env.AUTHORITY.get(env.AUTHORITY.idFromName("tokens")).fetch(request),
};
