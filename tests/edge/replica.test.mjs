// Replicas that pull what an authority published: what they take over, what they refuse, and how old they say they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Authority, Replica } from "tokenward-wasm";

const NOW = 1_800_000_000;
const REALM = "organization:acme";
const PROJECT = `${REALM}/project:one`;

const at = (seconds) => new Date(seconds * 1000);

/** What is published, as a target of authorities and a source of replicas. */
class Place {
  objects = new Map();
  asked = [];
  etags = true;

  target = {
    get: async (name) => this.objects.get(name),
    put: async (name, content) => void this.objects.set(name, content),
    delete: async (name) => void this.objects.delete(name),
  };

  async get(name, etag) {
    this.asked.push(name);
    const bytes = this.objects.get(name);
    if (bytes === undefined) return null;
    const own = this.etags ? `"${Buffer.from(bytes).toString("base64url").slice(-300)}"` : null;
    return own !== null && own === etag ? { bytes: null, etag } : { bytes, etag: own };
  }

  took() {
    return this.asked.splice(0).filter((name) => name !== "latest");
  }

  edit(name, change) {
    const text = new TextDecoder().decode(this.objects.get(name));
    this.objects.set(name, new TextEncoder().encode(change(text)));
  }
}

/** The context of requests, which waits for what they left. */
class Context {
  #promises = [];
  waitUntil(promise) {
    this.#promises.push(promise);
  }
  async ended() {
    await Promise.all(this.#promises.splice(0));
  }
}

async function founded(options) {
  const authority = await Authority.open("memory:", { clock: at(NOW), ...options });
  await authority.createRealm(REALM, { administrator: "user:alice" });
  const alice = await authority.session(REALM, "user:alice");
  const { token } = await alice.issue({ name: "ci", roles: ["Viewer"] });
  const place = new Place();
  const publish = (how) => authority.publish(place.target, how);
  await publish();
  return { authority, alice, token, place, publish };
}

function follower(place, options) {
  const faults = [];
  const onError = (error) => faults.push([error.code, error.place]);
  const replica = new Replica({ maxAgeSeconds: 60, refreshSeconds: 0, clock: at(NOW), onError, ...options });
  const context = new Context();
  /** The registry after everything that a request began has ended. */
  const pulled = async () => {
    const registry = await replica.pull(place, context);
    await context.ended();
    return registry;
  };
  return { replica, context, pulled, faults };
}

const reason = (registry, token) => registry.authorize(token, "project-read", PROJECT).reason;

test("a request decides with what is there, and what was published meanwhile comes behind it", async () => {
  const { authority, alice, token, place, publish } = await founded();
  const { replica, context, pulled, faults } = follower(place);
  const registry = await replica.pull(place, context);
  const guard = registry.guard("project-read", "organization:{org}/project:{project}");
  const parameters = { org: "acme", project: "one" };
  assert.equal(reason(registry, token), "allowed");
  place.took();
  await alice.revoke("ci");
  const { written } = await publish();
  assert.equal(await replica.pull(place, context), registry);
  assert.equal(reason(registry, token), "allowed");
  await context.ended();
  assert.equal(reason(registry, token), "token_revoked");
  assert.equal(guard.authorize(token, { params: parameters }).reason, "token_revoked");
  assert.deepEqual(place.took(), written.slice(0, 1));
  for (let count = 0; count < 40; count++) {
    await alice.issue({ name: `t${count}` });
    await publish();
    if (count % 3 === 0) await pulled();
  }
  assert.equal((await pulled()).revision, authority.revision);
  assert.ok(place.took().every((name) => name.startsWith("delta-")));
  const cold = await follower(place).pulled();
  assert.equal(cold.revision, authority.revision);
  assert.deepEqual(faults, []);
});

test("reading the same again makes no replica younger", async () => {
  for (const etags of [true, false]) {
    const { authority, alice, token, place, publish } = await founded();
    place.etags = etags;
    const { pulled, faults } = follower(place);
    const registry = await pulled();
    for (const passed of [30, 60]) {
      registry.setClock(at(NOW + passed));
      await pulled();
      assert.deepEqual([registry.age, reason(registry, token)], [passed, "allowed"]);
    }
    registry.setClock(at(NOW + 61));
    assert.equal((await pulled()).age, 61);
    const decision = registry.authorize(token, "project-read", PROJECT);
    assert.deepEqual([decision.reason, decision.status], ["stale", 503]);
    // The publisher says that it is still so, or that something has changed.
    authority.setClock(at(NOW + 50));
    await publish();
    assert.deepEqual([(await pulled()).age, reason(registry, token)], [11, "allowed"]);
    registry.setClock(at(NOW + 111));
    authority.setClock(at(NOW + 111));
    assert.equal(reason(registry, token), "stale");
    await alice.revoke("ci");
    await publish();
    assert.equal(reason(await pulled(), token), "token_revoked");
    assert.deepEqual(faults, []);
  }
});

test("a replica that begins is as old as what is published", async () => {
  const { token, place } = await founded();
  assert.equal(reason(await follower(place, { clock: at(NOW + 60) }).pulled(), token), "allowed");
  assert.equal(reason(await follower(place, { clock: at(NOW + 61) }).pulled(), token), "stale");
  assert.equal(reason(await follower(place, { clock: at(NOW - 61) }).pulled(), token), "stale");
});

test("an older document of the same revision takes nothing back, and a clock that was wrong is forgotten", async () => {
  const { authority, place, publish } = await founded();
  const { pulled } = follower(place, { clock: at(NOW + 30) });
  const first = place.objects.get("latest");
  authority.setClock(at(NOW + 20));
  await publish();
  assert.equal((await pulled()).age, 10);
  const second = place.objects.get("latest");
  place.objects.set("latest", first);
  assert.equal((await pulled()).age, 10);
  place.objects.set("latest", second);
  assert.equal((await pulled()).age, 10);
  authority.setClock(at(NOW + 9_000));
  await publish();
  assert.equal((await pulled()).authenticate("x").reason, "stale");
  authority.setClock(at(NOW + 25));
  await publish();
  assert.equal((await pulled()).age, 5);
});

test("what is damaged is refused, and nothing of it is applied", async () => {
  const { alice, token, place, publish } = await founded();
  const { pulled, faults } = follower(place);
  const registry = await pulled();
  const { revision } = registry;
  await alice.issue({ name: "b" });
  await publish();
  await alice.revoke("ci");
  await publish();
  const sound = new Map(place.objects);
  const damages = [
    (bytes) => bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte)),
    (bytes) => bytes.slice(0, -1),
    (bytes) => Uint8Array.of(...bytes, 120),
    () => new Uint8Array(),
    () => undefined,
  ];
  const deltas = [...sound.keys()].filter((name) => name.startsWith("delta-"));
  assert.equal(deltas.length, 2);
  for (const damage of damages) {
    // The snapshot would do in place of a delta: both have to be unsound.
    for (const names of [...deltas.map((name) => [name, `snapshot-${revision}`]), ["latest"]]) {
      for (const name of names) {
        const bytes = damage(sound.get(name));
        if (bytes === undefined) place.objects.delete(name);
        else place.objects.set(name, bytes);
      }
      assert.equal(await pulled(), registry);
      assert.match(faults.pop()[0], /^publication_(invalid|missing)$/, names[0]);
      assert.deepEqual([registry.revision, reason(registry, token)], [revision, "allowed"]);
      for (const name of names) place.objects.set(name, sound.get(name));
    }
  }
  assert.deepEqual(faults, []);
  // A document that names sound objects and says another revision.
  place.edit("latest", (text) => text.replace(/"sha256":"[0-9a-f]{4}/g, '"sha256":"0000'));
  await pulled();
  assert.equal(faults.pop()[0], "publication_invalid");
  place.objects = sound;
  assert.equal(reason(await pulled(), token), "token_revoked");
});

test("deltas that are gone are made up for by the snapshot", async () => {
  const { alice, token, place, publish } = await founded();
  const { pulled, faults } = follower(place);
  await pulled();
  await alice.revoke("ci");
  for (let count = 0; count < 20; count++) {
    await alice.issue({ name: `t${count}` });
    await publish();
  }
  const first = [...place.objects.keys()].find((name) => name.startsWith("delta-"));
  place.objects.delete(first);
  assert.equal(reason(await pulled(), token), "token_revoked");
  assert.deepEqual(faults, []);
});

test("another store, another realm and an older revision are refused", async () => {
  const one = await founded();
  const { pulled, faults } = follower(one.place);
  const registry = await pulled();
  const older = one.place.objects;
  one.place.objects = new Map(older);
  await one.alice.revoke("ci");
  await one.publish();
  assert.equal(reason(await pulled(), one.token), "token_revoked");
  one.place.objects = older;
  const other = await founded();
  const apart = new Place();
  await one.authority.publish(apart.target, { realm: REALM });
  const refusals = [
    [older, ["snapshot_older", "latest"]],
    [other.place.objects, ["publication_foreign", "store"]],
    [apart.objects, ["publication_foreign", "realm"]],
  ];
  for (const [objects, fault] of refusals) {
    one.place.objects = objects;
    assert.equal(await pulled(), registry);
    assert.deepEqual(faults.pop(), fault);
    assert.equal(reason(registry, one.token), "token_revoked");
  }
  // One that begins is told whose it has to be.
  const { store } = JSON.parse(new TextDecoder().decode(older.get("latest")));
  one.place.objects = older;
  assert.equal(reason(await follower(one.place, { store }).pulled(), one.token), "allowed");
  await assert.rejects(follower(other.place, { store }).pulled(), { code: "publication_foreign", place: "store" });
  await assert.rejects(follower(one.place, { realm: REALM }).pulled(), { code: "publication_foreign", place: "realm" });
  one.place.objects = apart.objects;
  assert.equal(reason(await follower(one.place, { realm: REALM }).pulled(), one.token), "token_revoked");
});

test("where nothing is published there is nothing to decide with", async () => {
  const place = new Place();
  const { pulled, faults } = follower(place);
  await assert.rejects(pulled(), { name: "StoreError", code: "publication_missing", place: "latest" });
  const failing = { get: () => Promise.reject(new Error("no route")) };
  await assert.rejects(
    follower(failing).pulled(),
    ({ code, cause }) => code === "store_failed" && cause.message === "no route",
  );
  assert.equal(faults.length, 1);
  const { place: later, token } = await founded();
  place.objects = later.objects;
  assert.equal(reason(await pulled(), token), "allowed");
});

test("one pull is under way at a time, and what failed is not tried again for each request", async () => {
  const { place } = await founded();
  let underWay = 0;
  let most = 0;
  let fails = false;
  const slow = {
    async get(name, etag) {
      if (name === "latest") most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (name === "latest") underWay--;
      if (fails) throw new Error("no route");
      return place.get(name, etag);
    },
  };
  const { replica, context } = follower(slow, { refreshSeconds: 5 });
  const many = () => Promise.allSettled(Array.from({ length: 50 }, () => replica.pull(slow, context)));
  const looks = () => place.asked.splice(0).filter((name) => name === "latest").length;
  assert.ok((await many()).every(({ status }) => status === "fulfilled"));
  assert.deepEqual([looks(), most], [1, 1]);
  await many();
  await context.ended();
  assert.equal(looks(), 0);
  fails = true;
  const cold = follower(slow, { refreshSeconds: 5 });
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => cold.replica.pull(slow, context)));
  assert.ok(outcomes.every(({ status }) => status === "rejected"));
  assert.deepEqual([cold.faults.length, most], [1, 1]);
});

test("a pull that ended with its request holds nobody up", async (t) => {
  const { alice, token, place, publish } = await founded();
  let hangs = false;
  let asked = 0;
  const source = {
    get(name, etag) {
      asked++;
      return hangs ? new Promise(() => {}) : place.get(name, etag);
    },
  };
  t.mock.timers.enable({ apis: ["Date"], now: NOW * 1000 });
  const { replica, context } = follower(source, { clock: undefined, maxAgeSeconds: 3_600 });
  await replica.pull(source, context);
  await alice.revoke("ci");
  await publish();
  hangs = true;
  asked = 0;
  for (let count = 0; count < 5; count++) assert.equal(reason(await replica.pull(source), token), "allowed");
  assert.equal(asked, 1);
  hangs = false;
  t.mock.timers.setTime(NOW * 1000 + 11_000);
  await replica.pull(source, context);
  await context.ended();
  assert.equal(reason(await replica.pull(source), token), "token_revoked");
});

test("options are checked", async () => {
  for (const [options, code] of [
    [undefined, "type_invalid"],
    [{ maxAgeSeconds: -1 }, "number_invalid"],
    [{ maxAgeSeconds: 60, refreshSeconds: 0.5 }, "number_invalid"],
    [{ maxAgeSeconds: 60, realm: 5 }, "type_invalid"],
    [{ maxAgeSeconds: 60, onError: 5 }, "type_invalid"],
    [{ maxAgeSeconds: 60, more: 1 }, "field_unknown"],
  ]) {
    assert.throws(() => new Replica(options), { code });
  }
  await assert.rejects(new Replica({ maxAgeSeconds: 60 }).pull({}), { code: "type_invalid", place: "source" });
});
