// The two packages, for tests that hold for both.

import * as addon from "tokenward";
import * as wasm from "tokenward-wasm";

export const faces = [
  ["addon", addon],
  ["wasm", wasm],
];

export const REALM = "organization:acme";

/** An authority in memory with a realm whose owner is Alice, and her session. */
export async function founded(api, options = {}) {
  const authority = await api.Authority.open("memory:", { policy: "default", ...options });
  await authority.createRealm(REALM, { administrator: "user:alice" });
  return { authority, alice: await authority.session(REALM, "user:alice") };
}

/** The same, and a token that may read the project `one` on paths below `/v1/`. */
export async function issued(api, options) {
  const { authority, alice } = await founded(api, options);
  const token = await alice.issue({ name: "ci/deploy", roles: ["Viewer"], paths: ["^/v1/"], lifetimeDays: 30 });
  return { authority, alice, token, resource: `${REALM}/project:one` };
}
