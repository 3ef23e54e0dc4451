// Run once: a realm and two tokens, which are shown here and nowhere else. `one` is for a single project and its path.

import { mkdirSync } from "node:fs";
import { Authority } from "tokenward";

const authority = await Authority.open("sqlite:tokens.db", { policy: "default" });
await authority.createRealm("organization:acme", { administrator: "user:alice" });
const alice = await authority.session("organization:acme", "user:alice");

const viewer = await alice.issue({ name: "viewer", roles: ["Viewer"] });
const one = await alice.issue({ name: "one", paths: ["^/projects/one$"] });
await alice.bind("Viewer", { at: "organization:acme/project:one", subjects: ["token:one"] });
console.log(JSON.stringify({ viewer: viewer.token, one: one.token }, null, 2));

// For servers that only verify, such as the one in fetch/.
mkdirSync("published", { recursive: true });
await authority.publish("published");
await authority.close();
