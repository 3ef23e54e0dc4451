// Runs in workerd: decides HTTP requests from a snapshot of the authority's registry and follows it by its events.

import { Verifier } from "tokenward-wasm";
import { gate } from "./routes.mjs";

/** Milliseconds after which the authority is asked for news. */
const FRESH = 50;
/** Seconds without news after which every answer is 503. */
const MAX_AGE = 60;

let verifier;
let decide;
let heard = 0;

async function follow(origin) {
  if (verifier === undefined) {
    const snapshot = await origin.fetch("http://authority/snapshot");
    verifier = Verifier.load(await snapshot.arrayBuffer(), { maxAgeSeconds: MAX_AGE });
    decide = gate(verifier);
  } else if (Date.now() - heard >= FRESH) {
    const events = await origin.fetch(`http://authority/events?after=${verifier.revision}`);
    verifier.apply(await events.text());
  } else {
    return;
  }
  heard = Date.now();
}

export default {
  async fetch(request, env) {
    await follow(env.AUTHORITY);
    const credential = request.headers.get("authorization");
    const { pathname } = new URL(request.url);
    const decision = decide(credential, pathname);
    // A clock in here stands still, so the demo takes the time from outside: it has the same decided so many times more.
    for (let left = Number(request.headers.get("x-demo-again")); left > 0; left--) decide(credential, pathname);

    const { allowed, status, wwwAuthenticate } = decision;
    // Only the demo tells the reason: outside, every 401 is to look the same. A worker of yours writes it to its log.
    const headers = { "x-demo-reason": decision.reason };
    if (wwwAuthenticate !== null) headers["www-authenticate"] = wwwAuthenticate;
    if (allowed) return new Response("done\n", { headers });
    headers["content-type"] = "application/problem+json";
    return new Response(JSON.stringify({ type: "about:blank", status }), { status, headers });
  },
};
