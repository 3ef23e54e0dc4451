// How soon a worker refuses a token: from the call that revokes it, over publishing to a folder that a server on this
// machine hands out, to the first refusal by workerd, which is asked without a pause and looks with every request.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Authority } from "tokenward";
import { start, worker } from "../edge/workers.mjs";

const REALM = "organization:acme";
/** Requests after which a worker that does not refuse is a fault. */
const PATIENCE = 10_000;

/** @returns {Promise<{ part: string, name: string, size: number, unit: string, value: number }[]>} */
export async function propagation(revocations = 200) {
  const ends = [];
  try {
    const home = mkdtempSync(join(tmpdir(), "tokenward-propagation-"));
    ends.push(() => rmSync(home, { recursive: true }));
    const authority = await Authority.open(`sqlite:${join(home, "tokens.db")}`);
    ends.push(() => authority.close());
    const folder = join(home, "published");
    mkdirSync(folder);
    const source = await serve(folder, ends);
    return await measure(authority, folder, source, ends, revocations);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function serve(folder, ends) {
  const server = createServer((request, response) => response.end(readFileSync(join(folder, basename(request.url)))));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function measure(authority, folder, source, ends, revocations) {
  await authority.createRealm(REALM, { administrator: "user:alice" });
  const alice = await authority.session(REALM, "user:alice");
  const tokens = [];
  for (let number = 0; number < revocations; number++) tokens.push((await alice.issue({ name: `t${number}` })).token);
  await authority.publish(folder);
  const options = { bindings: { SOURCE: source } };
  const described = await worker("propagation", "tests/bench/propagation_worker.mjs", options);
  const { url } = await start({ after: (end) => ends.push(end) }, described);
  const status = async (token) => (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
  const published = [];
  const refused = [];
  for (const [number, token] of tokens.entries()) {
    if ((await status(token)) !== 200) throw new Error("a live token is refused");
    const begun = performance.now();
    await alice.revoke(`t${number}`);
    const revoked = performance.now();
    await authority.publish(folder);
    published.push(performance.now() - revoked);
    let asked = 0;
    while ((await status(token)) !== 401) if (++asked > PATIENCE) throw new Error("a revoked token is not refused");
    refused.push(performance.now() - begun);
  }
  const row = (name, times, share) => ({
    part: "Edge",
    name: `${name}, ${share === 50 ? "median" : `${share} %`}`,
    size: 1,
    unit: "ms",
    value: times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor((times.length * share) / 100))],
  });
  const seen = "revocation published to a folder and seen by workerd over HTTP";
  return [row("publishing a revocation to a folder", published, 50), row(seen, refused, 50), row(seen, refused, 99)];
}
