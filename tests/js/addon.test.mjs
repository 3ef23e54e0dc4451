// What only the native addon has: files, processes, threads, `require`.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Authority, TokenwardError } from "tokenward";
import { REALM } from "./faces.mjs";

test("require gives the same module", () => {
  const required = createRequire(import.meta.url)("tokenward");
  assert.equal(required.Authority, Authority);
  assert.equal(required.TokenwardError, TokenwardError);
});

test("a SQLite store is opened again, and seen by others within 100 ms", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-"));
  try {
    const store = `sqlite:${join(folder, "tokens.db")}`;
    const one = await Authority.open(store, { policy: "default" });
    await one.createRealm(REALM, { administrator: "user:alice" });
    const alice = await one.session(REALM, "user:alice");
    const { token } = await alice.issue({ name: "a" });

    const two = await Authority.open(store);
    assert.equal(two.authenticate(token).reason, "allowed");
    await alice.revoke("a");
    assert.equal(one.authenticate(token).reason, "token_revoked");
    const before = performance.now();
    while (two.authenticate(token).allowed && performance.now() - before < 5000) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(two.authenticate(token).reason, "token_revoked");
    await Promise.all([one.close(), two.close()]);

    const three = await Authority.open(store);
    assert.equal(three.authenticate(token).reason, "token_revoked");
    await assert.rejects(Authority.open(store, { policy: "astra" }), { code: "policy_mismatch", name: "StateError" });
    await three.close();
    await assert.rejects(Authority.open(`sqlite:${folder}`), { category: "store" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a store can be opened to be read only, and not before a revision that it is known to have had", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-"));
  try {
    const store = `sqlite:${join(folder, "tokens.db")}`;
    await assert.rejects(Authority.open(store, { readOnly: true }), { code: "log_missing" });
    const one = await Authority.open(store, { policy: "default" });
    await one.createRealm(REALM, { administrator: "user:alice" });
    const alice = await one.session(REALM, "user:alice");
    const { token } = await alice.issue({ name: "a" });

    const looking = await Authority.open(store, { readOnly: true, minimumRevision: one.revision });
    assert.equal(looking.authenticate(token).reason, "allowed");
    const revoking = await looking.session(REALM, "user:alice");
    await assert.rejects(revoking.revoke("a"), { code: "read_only", name: "StateError" });
    await alice.revoke("a");
    await looking.refresh({ revision: one.revision });
    assert.equal(looking.authenticate(token).reason, "token_revoked");

    await assert.rejects(Authority.open(store, { minimumRevision: one.revision + 1 }), { code: "log_damaged" });
    for (const [options, code, place] of [
      [{ readOnly: 1 }, "type_invalid", "read_only"],
      [{ minimumRevision: -1 }, "number_invalid", "minimum_revision"],
      [{ minimumRevision: "1" }, "type_invalid", "minimum_revision"],
    ]) {
      await assert.rejects(Authority.open(store, options), { code, place });
    }
    await Promise.all([one.close(), looking.close()]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the event loop runs while the store or a password is worked on", async () => {
  const authority = await Authority.open("memory:", { policy: "default" });
  await authority.createRealm(REALM, { administrator: "user:alice" });
  const alice = await authority.session(REALM, "user:alice");
  await alice.addUser("bob", { password: "correct horse" });
  let done = false;
  const login = authority.login(REALM, "bob", "correct horse").then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, false);
  await login;
  await authority.close();
});

test("16 threads load the addon, decide, and end in the middle of it", async () => {
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    (async () => {
      const { Authority } = await import(workerData);
      const authority = await Authority.open("memory:", { policy: "default" });
      await authority.createRealm("organization:acme", { administrator: "user:alice" });
      const alice = await authority.session("organization:acme", "user:alice");
      const { token } = await alice.issue({ name: "a", roles: ["Viewer"] });
      const guard = authority.guard("project-read", "organization:acme/project:one");
      let allowed = 0;
      for (let round = 0; round < 20_000; round++) if (guard.authorize(token).allowed) allowed++;
      parentPort.postMessage(allowed);
      alice.issue({ name: "b" });
      authority.snapshot();
      for (;;) guard.authorize(token);
    })();
  `;
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(program, { eval: true, workerData: import.meta.resolve("tokenward") });
      worker.once("error", reject).once("message", (allowed) => worker.terminate().then(() => resolve(allowed)));
    });
  const results = await Promise.all(Array.from({ length: 16 }, run));
  assert.deepEqual(results, new Array(16).fill(20_000));
});

test("guards and callbacks outlive what made them", async () => {
  const make = async () => {
    const authority = await Authority.open("memory:", { policy: "default" });
    await authority.createRealm(REALM, { administrator: "user:alice" });
    const alice = await authority.session(REALM, "user:alice");
    const { token } = await alice.issue({ name: "a", roles: ["Viewer"] });
    return { guard: authority.guard("project-read", `${REALM}/project:one`), token };
  };
  const made = [];
  for (let round = 0; round < 50; round++) {
    made.push(await make());
    globalThis.gc?.();
  }
  for (const { guard, token } of made) {
    const decision = guard.authorize(token);
    assert.equal(decision.reason, "allowed");
    assert.equal(decision.tokenName, "a");
  }
});
