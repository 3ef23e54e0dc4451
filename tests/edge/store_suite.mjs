// What every store of the package keeps, run wherever the store lives.
//
// A kit opens handles on one log, new for each test: `open(options)`. Where the log lies in a database, `sql(text)` is the
// hand of somebody else in it.

import assert from "node:assert/strict";
import { Authority } from "tokenward-wasm";

const REALM = "organization:acme";

async function founded(store) {
  const authority = await Authority.open(store, { policy: "default" });
  await authority.createRealm(REALM, { administrator: "user:alice" });
  return { authority, alice: await authority.session(REALM, "user:alice") };
}

/** The complete snapshot that an authority has its store keep is the module's own; a shared one has the same form. */
const snapshotOf = async (authority) => ({ revision: authority.revision, bytes: await authority.snapshot() });

export const everywhere = {
  async "an append goes right behind the revision expected, or is refused"({ open }) {
    const store = open();
    assert.deepEqual(await store.read(0), []);
    assert.equal(await store.append(0, ["a", "b"]), true);
    for (const expected of [0, 1, 3, 9]) assert.equal(await store.append(expected, ["x"]), false, `${expected}`);
    assert.equal(await store.append(2, ["c"]), true);
    assert.deepEqual(await open().read(0), ["a", "b", "c"]);
    assert.deepEqual(await store.read(1), ["b", "c"]);
    assert.deepEqual(await store.read(3), []);
  },

  async "of many at one revision, one is first"({ open }) {
    const stores = Array.from({ length: 12 }, () => open());
    const outcomes = await Promise.all(stores.map((store, index) => store.append(0, [`${index}`, `${index}`])));
    assert.equal(outcomes.filter((outcome) => outcome).length, 1);
    const winner = `${outcomes.indexOf(true)}`;
    assert.deepEqual(await open().read(0), [winner, winner]);
  },

  async "a log that ends before what was asked for is damaged"({ open }) {
    const store = open();
    await store.append(0, ["a"]);
    await assert.rejects(store.read(2), { code: "log_damaged" });
  },

  async "the identity is the log's, and stays"({ open }) {
    const identity = await open().identity();
    assert.match(identity, /^[0-9a-f]{32}$/);
    assert.equal(await open().identity(), identity);
  },

  async "a snapshot is kept, and none older takes its place"({ open }) {
    const store = open();
    assert.equal(await store.snapshot(), null);
    await store.append(0, ["a", "b", "c"]);
    const bytes = new Uint8Array(2_500_000).map((_, index) => index * 31);
    await store.writeSnapshot({ revision: 2, bytes });
    const kept = await open().snapshot();
    assert.equal(kept.revision, 2);
    assert.equal(kept.bytes.length, bytes.length);
    assert.equal(
      kept.bytes.findIndex((byte, index) => byte !== bytes[index]),
      -1,
    );
    await assert.rejects(store.writeSnapshot({ revision: 1, bytes }), { code: "snapshot_older" });
    await assert.rejects(store.writeSnapshot({ revision: 4, bytes }), { code: "snapshot_invalid" });
    await store.writeSnapshot({ revision: 3, bytes: bytes.slice(0, 9) });
    assert.deepEqual(await open().snapshot(), { revision: 3, bytes: bytes.slice(0, 9) });
  },

  async "only what a sound snapshot stands for is dropped"({ open }) {
    const store = open();
    const { authority, alice } = await founded(store);
    await alice.issue({ name: "a" });
    const before = await open().read(0);
    await assert.rejects(store.compact(1), { code: "snapshot_older" });
    await store.writeSnapshot({ revision: 2, bytes: new Uint8Array(100) });
    await assert.rejects(store.compact(1), { code: "snapshot_invalid" });
    assert.deepEqual(await open().read(0), before);
    await store.writeSnapshot(await snapshotOf(authority));
    await store.compact(2);
    await store.compact(1);
    await assert.rejects(open().read(1), { code: "log_missing", place: "after" });
    assert.deepEqual(await open().read(2), before.slice(2));
    assert.equal(await open().append(before.length, ["x"]), true);
  },

  async "an authority opens from the snapshot and the records behind it, and one that fell behind catches up"({
    open,
  }) {
    const { authority, alice } = await founded(open());
    const late = await Authority.open(open());
    const first = await alice.issue({ name: "a", roles: ["Viewer"] });
    await alice.revoke("a");
    const store = open();
    await store.writeSnapshot(await snapshotOf(authority));
    await store.compact(authority.revision);
    const second = await alice.issue({ name: "b", roles: ["Viewer"] });
    const again = await Authority.open(open());
    assert.deepEqual(await again.snapshot(), await authority.snapshot());
    await late.refresh();
    assert.deepEqual(await late.snapshot(), await authority.snapshot());
    for (const opened of [again, late]) {
      assert.equal(opened.authenticate(first.token).reason, "token_revoked");
      assert.equal(opened.authenticate(second.token).reason, "allowed");
      await assert.rejects(opened.events(1), { code: "log_missing" });
    }
    await (await late.session(REALM, "user:alice")).revoke("b");
    await again.refresh();
    assert.equal(again.authenticate(second.token).reason, "token_revoked");
  },

  async "a snapshot is kept by itself when the log has grown long, with all that log-in needs"({ open }) {
    const store = open();
    const { alice } = await founded(store);
    await alice.addUser("bob", { password: "correct horse" });
    for (let count = 0; count < 500; count++) {
      await alice.issue({ name: `t${count}` });
      await alice.revoke(`t${count}`);
    }
    const kept = await store.snapshot();
    assert.ok(kept.revision >= 1000, `${kept?.revision}`);
    await store.compact(kept.revision);
    const again = await Authority.open(open());
    assert.equal((await again.login(REALM, "bob", "correct horse")).principal, "user:bob");
  },

  async "two authorities: who loses a race decides again"({ open }) {
    const { alice } = await founded(open());
    const bob = await (await Authority.open(open())).session(REALM, "user:alice");
    const names = Array.from({ length: 8 }, (_, index) => `t${index}`);
    const outcomes = await Promise.allSettled([alice, bob].flatMap((who) => names.map((name) => who.issue({ name }))));
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, names.length);
    assert.ok(outcomes.every(({ reason }) => reason === undefined || reason.code === "name_taken"));
    assert.equal(
      (await (await Authority.open(open())).session(REALM, "user:alice").then((all) => all.tokens())).length,
      8,
    );
  },
};

/** Of stores whose log somebody else can get at. */
export const inDatabases = {
  async "an append whose last record fails leaves nothing"({ open }) {
    const store = open();
    await store.append(0, ["a"]);
    await assert.rejects(store.append(1, ["b", "c", null]));
    assert.deepEqual(await open().read(0), ["a"]);
    assert.equal(await open().append(1, ["b"]), true);
  },

  async "a missing log is not an empty one"({ open, sql }) {
    await assert.rejects(open({ create: false }).read(0), { code: "log_missing", place: "store" });
    await assert.rejects(open({ create: false }).append(0, ["a"]), { code: "log_missing" });
    await assert.rejects(Authority.open(open({ create: false })), { code: "log_missing" });
    await open().append(0, ["a"]);
    assert.deepEqual(await open({ create: false }).read(0), ["a"]);
    await sql("DROP TABLE tokenward_log");
    await assert.rejects(open().read(0), { code: "log_damaged" });
  },

  async "what was taken out of the log or put in is found"({ open, sql }) {
    const read = () => open().read(0);
    await open().append(0, ["a", "b", "c", "d"]);
    const steps = [
      ["DELETE FROM tokenward_log WHERE revision = 4", "INSERT INTO tokenward_log VALUES (4, 'd')"],
      ["DELETE FROM tokenward_log WHERE revision = 2", "INSERT INTO tokenward_log VALUES (2, 'b')"],
      ["INSERT INTO tokenward_log VALUES (5, 'e')", "DELETE FROM tokenward_log WHERE revision = 5"],
      ["UPDATE tokenward_head SET revision = 3", "UPDATE tokenward_head SET revision = 4"],
      ["UPDATE tokenward_head SET floor = 1", "UPDATE tokenward_head SET floor = 0"],
      ["UPDATE tokenward_head SET snapshot = 5", "UPDATE tokenward_head SET snapshot = 0"],
      [
        "UPDATE tokenward_log SET revision = 9 WHERE revision = 4",
        "UPDATE tokenward_log SET revision = 4 WHERE revision = 9",
      ],
    ];
    for (const [damage, repair] of steps) {
      await sql(damage);
      await assert.rejects(read(), { code: "log_damaged" }, damage);
      await sql(repair);
      assert.deepEqual(await read(), ["a", "b", "c", "d"], repair);
    }
    await sql("DELETE FROM tokenward_head");
    await assert.rejects(read(), { code: "log_damaged" });
  },

  async "a handle never goes backwards"({ open, sql }) {
    const store = open();
    await store.append(0, ["a", "b"]);
    await sql("DELETE FROM tokenward_log WHERE revision = 2");
    await sql("UPDATE tokenward_head SET revision = 1");
    await assert.rejects(store.read(0), { code: "log_damaged" });
    await assert.rejects(store.snapshot(), { code: "log_damaged" });
  },

  async "a handle goes on with no other log in the place of its own"({ open, sql }) {
    const store = open();
    await store.append(0, ["a"]);
    await store.read(0);
    await sql("UPDATE tokenward_head SET identity = 'another'");
    await assert.rejects(store.read(0), { code: "log_damaged" });
    assert.deepEqual(await open().read(0), ["a"]);
  },

  async "a flipped bit in a record or a snapshot is found"({ open, sql }) {
    const { authority, alice } = await founded(open());
    await alice.issue({ name: "a" });
    const records = await open().read(0);
    const record = records[1];
    for (let at = 0; at < record.length; at += 7) {
      const flipped = record.slice(0, at) + String.fromCharCode(record.charCodeAt(at) ^ 1) + record.slice(at + 1);
      await sql("UPDATE tokenward_log SET record = ? WHERE revision = 2", flipped);
      await assert.rejects(Authority.open(open()), { code: "log_damaged" }, `${at}`);
    }
    await sql("UPDATE tokenward_log SET record = ? WHERE revision = 2", record);
    await Authority.open(open());

    const { revision, bytes } = await snapshotOf(authority);
    await open().writeSnapshot({ revision, bytes });
    await Authority.open(open());
    for (let at = 0; at < bytes.length; at += 97) {
      const flipped = bytes.slice();
      flipped[at] ^= 1 << (at % 8);
      await sql("UPDATE tokenward_snapshot SET bytes = ?", flipped.buffer);
      await assert.rejects(Authority.open(open()), { category: "store" }, `${at}`);
    }
    await sql("DELETE FROM tokenward_snapshot");
    await assert.rejects(Authority.open(open()), { code: "snapshot_invalid" });
  },
};

/** The names of tests, in order. */
export const names = [...Object.keys(everywhere), ...Object.keys(inDatabases)];

/** Runs one test; what it says when it fails. */
export async function run(name, kit) {
  const test = everywhere[name] ?? inDatabases[name];
  if (test === undefined) return "there is no such test";
  try {
    await test(kit);
    return null;
  } catch (error) {
    return `${error?.stack ?? error}`;
  }
}
