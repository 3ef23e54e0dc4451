// What only the WASM module has: an instance that can trap, a random source and a store that JavaScript brings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Authority, StateError, StoreError, Verifier } from "tokenward-wasm";
import { founded, REALM } from "./faces.mjs";
import * as api from "tokenward-wasm";

/** A store that can be made to fail, to be slow, to lose a race. */
class Log {
  records = [];
  before = async () => undefined;

  async read(after) {
    return this.records.slice(after);
  }

  async append(expected, records) {
    await this.before();
    if (expected !== this.records.length) return false;
    this.records.push(...records);
    return true;
  }
}

async function opened(log) {
  const authority = await Authority.open(log, { policy: "default" });
  await authority.createRealm(REALM, { administrator: "user:alice" });
  return { authority, alice: await authority.session(REALM, "user:alice") };
}

test("a store of one's own holds the log", async () => {
  const log = new Log();
  const { authority, alice } = await opened(log);
  const { token } = await alice.issue({ name: "a" });
  assert.ok(log.records.every((record) => typeof record === "string"));
  assert.equal(log.records.length, authority.revision);
  const again = await Authority.open(log);
  assert.equal(again.revision, authority.revision);
  assert.equal(again.authenticate(token).reason, "allowed");
  await assert.rejects(Authority.open(log, { policy: "astra" }), { code: "policy_mismatch" });
});

test("two authorities on one log: who loses a race catches up and decides again", async () => {
  const log = new Log();
  const { authority: one, alice } = await opened(log);
  const two = await Authority.open(log);
  const bob = await two.session(REALM, "user:alice");
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 20 }, (_, index) => alice.issue({ name: `t${index}` })),
    ...Array.from({ length: 20 }, (_, index) => bob.issue({ name: `t${index}` })),
  ]);
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 20);
  assert.ok(outcomes.every(({ reason }) => reason === undefined || reason.code === "name_taken"));
  await Promise.all([one.refresh(), two.refresh()]);
  assert.equal(one.revision, log.records.length);
  assert.deepEqual(await one.snapshot(), await two.snapshot());
  const replayed = await Authority.open(log);
  assert.deepEqual(await replayed.snapshot(), await one.snapshot());
});

test("a token is not shown before the store has it, and not at all if the store fails", async () => {
  const log = new Log();
  const { authority, alice } = await opened(log);
  const revision = authority.revision;
  let release;
  log.before = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  let shown = null;
  const pending = alice.issue({ name: "a" }).then((issued) => {
    shown = issued;
  });
  while (release === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(shown, null);
  assert.equal(authority.revision, revision);
  release();
  await pending;
  assert.equal(authority.authenticate(shown.token).allowed, true);

  const cause = new Error("the disk is full");
  log.before = async () => {
    throw cause;
  };
  await assert.rejects(alice.issue({ name: "b" }), (error) => error instanceof StoreError && error.cause === cause);
  log.before = async () => undefined;
  await assert.rejects(alice.issue({ name: "c" }), { code: "store_failed" }, "nobody knows what the store holds");
  assert.equal(authority.authenticate(shown.token).allowed, true);
  assert.deepEqual((await (await Authority.open(log)).realms()).length, 1);
});

test("a store that is none, or that gives what it was not given, is refused", async () => {
  for (const store of [{}, null, 1, [], { read: async () => [] }, { append: async () => true }]) {
    await assert.rejects(Authority.open(store), { code: "type_invalid", place: "store" });
  }
  for (const records of [[1], "text", null, [new Uint8Array(3)]]) {
    await assert.rejects(Authority.open({ read: async () => records, append: async () => true }), StoreError);
  }
  const log = new Log();
  await opened(log);
  const flipped = (text, at, bit) =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);
  const damages = [
    (records) => records.slice(1),
    (records) => records.toSpliced(1, 1),
    (records) => records.with(1, records[1].slice(1)),
    (records) => [...records, records[1]],
    (records) => records.with(1, records[2]).with(2, records[1]),
  ];
  const { length } = log.records[1];
  for (let at = 0; at < length; at++) {
    damages.push((records) => records.with(1, flipped(records[1], at, at % 7)));
  }
  for (const damage of damages) {
    const records = damage(log.records);
    await assert.rejects(Authority.open({ read: async () => records, append: async () => true }), api.TokenwardError);
  }
  const never = { read: async () => [], append: async () => false };
  await assert.rejects(Authority.open(never), { code: "revision_conflict" });
});

test("without random bytes nothing is issued", async (t) => {
  const { authority, alice } = await founded(api);
  const revision = authority.revision;
  t.mock.method(crypto, "getRandomValues", () => {
    throw new Error("not here");
  });
  await assert.rejects(
    alice.issue({ name: "a" }),
    (error) => error instanceof StateError && error.code === "entropy_failed",
  );
  t.mock.restoreAll();
  t.mock.method(crypto, "getRandomValues", () => undefined);
  await assert.rejects(alice.issue({ name: "a" }), { code: "entropy_failed" }, "bytes that were not written");
  t.mock.restoreAll();
  assert.equal(authority.revision, revision);
  await alice.issue({ name: "a" });
});

test("the views of memory survive its growth", async () => {
  const { authority, alice } = await founded(api);
  const { token } = await alice.issue({ name: "a", roles: ["Viewer"] });
  const guard = authority.guard("project-read", `${REALM}/project:{p}`);
  const { linear_memory } = await import("../../wasm/dist/tokenward_bg.js");
  const sizes = new Set();
  const replicas = [];
  for (let round = 1; round <= 10; round++) {
    replicas.push(Verifier.load(await authority.snapshot()));
    assert.throws(() => authority.lint("x".repeat(round * 90_000)), { code: "type_invalid" });
    sizes.add(linear_memory().buffer.byteLength);
    assert.equal(guard.authorize(token, { params: { p: "one" } }).tokenName, "a");
    for (const replica of replicas) assert.equal(replica.authenticate(token).revision, authority.revision);
  }
  assert.ok(sizes.size > 1, "the memory has grown");
});

test("after a trap every call says so", async () => {
  const { authority, alice } = await founded(api);
  const { token } = await alice.issue({ name: "a" });
  const glue = await import("../../wasm/dist/tokenward_bg.js");
  const guard = authority.guard("project-read", `${REALM}/project:one`);
  const decision = authority.authenticate(token);
  const trap = new WebAssembly.RuntimeError("unreachable");
  const prototype = glue.Registry.prototype;
  const { authenticate } = prototype;
  prototype.authenticate = () => {
    throw trap;
  };
  const dead = (error) => error.code === "instance_dead" && error.category === "internal" && error.cause === trap;
  assert.throws(() => authority.authenticate(token), dead);
  prototype.authenticate = authenticate;
  assert.throws(() => authority.authenticate(token), dead);
  assert.throws(() => guard.authorize(token), dead);
  assert.throws(() => decision.principal, dead);
  assert.throws(() => authority.policy(), dead);
  assert.throws(() => authority.revision, dead);
  assert.throws(() => Verifier.load(new Uint8Array(8)), dead);
  await assert.rejects(alice.issue({ name: "b" }), dead);
  await assert.rejects(authority.snapshot(), dead);
  await assert.rejects(Authority.open("memory:"), dead);
});
