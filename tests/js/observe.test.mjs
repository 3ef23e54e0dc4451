// Hooks are told of each decision and each change, and are in the way of neither.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { setTimeout as pause } from "node:timers/promises";
import * as addon from "tokenward";
import { faces, founded, issued, REALM } from "./faces.mjs";
import { eventually, leaks } from "./observed.mjs";

for (const [face, api] of faces) {
  test(`${face}: every decision is told, and nothing of the request`, async () => {
    const { authority, token, resource } = await issued(api);
    const seen = [];
    authority.observe({ onDecision: (observation) => seen.push(observation) });
    const secret = token.token;
    const asked = "project-read";
    const guard = authority.guard(asked, "organization:acme/project:{project}");

    assert.ok(authority.authorize(secret, asked, resource, "/v1/hidden").allowed);
    authority.authorize(null, asked, resource);
    // A caller that mixes up the arguments gives nothing away.
    authority.authorize("junk", secret, secret, { path: secret });
    authority.authorize(secret, secret, secret, "/v1/hidden");
    authority.authenticate(secret);
    guard.authorize(secret, { path: "/v2/hidden", params: { project: "one" } });
    authority.authorizeMany([
      { credential: secret, permission: asked, resource, path: "/v1/" },
      { credential: secret, permission: secret, resource, path: "/v1/" },
    ]);
    assert.throws(() => guard.authorize(secret, { params: { other: "one" } }), api.InputError);

    assert.deepEqual(
      seen.map(({ reason, permission, allowed }) => [reason, permission, allowed]),
      [
        ["allowed", asked, true],
        ["no_credential", asked, false],
        ["token_malformed", null, false],
        ["permission_unknown", null, false],
        ["allowed", null, true],
        ["path_not_allowed", asked, false],
        ["allowed", asked, true],
        ["permission_unknown", null, false],
      ],
    );
    const [{ durationNs, ...first }] = seen;
    assert.ok(Number.isSafeInteger(durationNs) && durationNs >= 0);
    assert.ok(Object.isFrozen(seen[0]));
    const { revision } = authority;
    const { clientId: tokenId } = token;
    assert.deepEqual(first, {
      reason: "allowed",
      allowed: true,
      status: 200,
      permission: asked,
      realm: REALM,
      tokenId,
      principal: "token:ci/deploy",
      revision,
    });
    await authority.close();
    // Nothing was looked up: what was asked for is not known to be a permission.
    authority.authorize(secret, secret, secret, secret);
    const last = seen.at(-1);
    assert.deepEqual([last.reason, last.status, last.permission], ["unavailable", 503, null]);
    const text = JSON.stringify(seen);
    assert.equal(leaks(text, token.clientSecret), false, text);
    assert.equal(text.includes("hidden"), false);
  });

  test(`${face}: every change is told once and in order`, async () => {
    const { authority, alice } = await founded(api);
    const told = [];
    authority.observe({ onChange: (entry) => told.push(entry) });
    const after = authority.revision;
    const secrets = ["correct horse battery"];
    for (const name of ["a", "b"]) secrets.push((await alice.issue({ name, roles: ["Viewer"] })).clientSecret);
    await Promise.all([alice.revoke("a"), alice.addUser("bob", { password: secrets[0] })]);
    await eventually(() => told.at(-1)?.revision === authority.revision);
    assert.deepEqual(told, await authority.audit({ after }));
    assert.ok(told[0].at instanceof Date);
    const text = JSON.stringify(told);
    for (const secret of secrets) assert.equal(leaks(text, secret), false, text);
    await authority.close();
  });

  test(`${face}: a hook that fails changes nothing`, async (t) => {
    const log = t.mock.method(console, "error", () => undefined);
    const { authority } = await founded(api);
    const fails = () => {
      throw new Error("on purpose");
    };
    const rejects = async () => fails();
    const told = [];
    authority.observe({ onDecision: fails, onChange: fails });
    authority.observe({ onDecision: rejects, onChange: rejects });
    authority.observe({ onDecision: (seen) => told.push(seen.reason), onChange: (seen) => told.push(seen.operation) });
    assert.equal(authority.authenticate(null).reason, "no_credential");
    assert.equal(authority.authenticate(null).reason, "no_credential");
    await authority.createRealm("organization:kept");
    await eventually(() => told.includes("realm_created"));
    await pause(0);
    assert.deepEqual(told.slice(0, 2), ["no_credential", "no_credential"]);
    assert.ok(log.mock.callCount() >= 6);
    assert.equal((await authority.realms()).length, 2);
    await authority.close();
  });

  test(`${face}: a hook may use the authority`, async () => {
    const { authority, alice } = await founded(api);
    const seen = [];
    authority.observe({
      onDecision: ({ reason }) => seen.push(authority.authenticate("junk").reason, reason),
      onChange: ({ subject, operation }) => {
        if (operation === "token_issued" && subject === "token:leaked") alice.revoke("leaked");
      },
    });
    authority.authenticate(null);
    assert.deepEqual(seen, ["token_malformed", "no_credential"]);
    const { token } = await alice.issue({ name: "leaked", roles: ["Viewer"] });
    await eventually(() => authority.authenticate(token).reason === "token_revoked");
    await authority.close();
  });

  test(`${face}: verifiers are observed, of decisions only; a hook is a function`, async () => {
    const { authority } = await founded(api);
    const verifier = api.Verifier.load(await authority.snapshot());
    const seen = [];
    verifier.observe({ onDecision: ({ reason }) => seen.push(reason) });
    verifier.authenticate(null);
    assert.deepEqual(seen, ["no_credential"]);
    const refused = (act, code, place) => assert.throws(act, { code, place });
    refused(() => verifier.observe({ onChange: () => undefined }), "field_unknown", "field 1");
    refused(() => authority.observe({ onDecision: "tw_secret" }), "type_invalid", "on_decision");
    refused(() => authority.observe({ onChange: {} }), "type_invalid", "on_change");
    await authority.close();
  });
}

test("addon: changes of another process are told as well, and hooks keep no process running", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-observe-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = `sqlite:${join(folder, "tokens.db")}`;
  const authority = await addon.Authority.open(store, { policy: "default" });
  const told = [];
  authority.observe({ onChange: ({ subject, by }) => told.push([subject, by]) });
  const program = `
    import { Authority } from "tokenward";
    const authority = await Authority.open(process.argv[1]);
    authority.observe({ onChange: () => undefined, onDecision: () => undefined });
    await authority.createRealm("organization:acme", { administrator: "user:alice" });
    await (await authority.session("organization:acme", "user:alice")).issue({ name: "other", roles: ["Viewer"] });
  `;
  await new Promise((resolve, reject) => {
    const options = { cwd: new URL("..", import.meta.url), timeout: 60_000 };
    const words = ["--input-type=module", "-e", program, store];
    execFile(process.execPath, words, options, (error) => (error ? reject(error) : resolve()));
  });
  await eventually(() => told.some(([subject, by]) => subject === "token:other" && by === "user:alice"));
  await authority.close();
});

test("addon: a worker ends while changes are told", async () => {
  const program = `
    import { Authority } from "tokenward";
    import { parentPort } from "node:worker_threads";
    const authority = await Authority.open("memory:", { policy: "default" });
    authority.observe({ onChange: () => parentPort.postMessage("told") });
    for (let number = 0; ; number++) await authority.createRealm("organization:r" + number);
  `;
  for (let round = 0; round < 3; round++) {
    const url = new URL(
      `data:text/javascript,${encodeURIComponent(program.replace('"tokenward"', JSON.stringify(import.meta.resolve("tokenward"))))}`,
    );
    const worker = new Worker(url);
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
  }
});

test("wasm: what another authority appended is told on refresh, many at once", async () => {
  const { Authority } = faces[1][1];
  const log = [];
  const store = {
    read: async (after) => log.slice(after),
    append: async (expected, records) => {
      if (log.length !== expected) return false;
      log.push(...records);
      return true;
    },
  };
  const authority = await Authority.open(store, { policy: "default" });
  const other = await Authority.open(store);
  const told = [];
  const after = authority.revision;
  authority.observe({ onChange: (entry) => told.push(entry) });
  for (let number = 0; number < 5; number++) await other.createRealm(`organization:r${number}`);
  assert.deepEqual(told, []);
  await authority.refresh();
  // A change that has to catch up first tells of both.
  await other.createRealm("organization:theirs");
  await authority.createRealm("organization:ours");
  assert.deepEqual(told, await authority.audit({ after }));
  assert.equal(told.length, 7);
});
