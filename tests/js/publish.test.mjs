// Publishing, in both packages: to a target of one's own, and in Node.js to a folder.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { faces, founded as foundedBy, REALM } from "./faces.mjs";

const NOW = new Date(1_800_000_000_000);

class Bucket {
  objects = new Map();
  calls = [];
  broken = null;

  async get(name) {
    this.calls.push(`get ${name}`);
    return this.objects.get(name) ?? null;
  }

  async put(name, content) {
    this.calls.push(`put ${name}`);
    if (name.startsWith(this.broken)) throw new Error("no space");
    this.objects.set(name, content);
  }

  async delete(name) {
    this.calls.push(`delete ${name}`);
    assert.ok(this.objects.delete(name));
  }

  get latest() {
    return JSON.parse(new TextDecoder().decode(this.objects.get("latest")));
  }
}

for (const [name, api] of faces) {
  const { Verifier } = api;
  const founded = () => foundedBy(api, { clock: NOW });

  test(`${name}: a publication is a snapshot, then deltas, and its document is written last`, async () => {
    const { authority, alice } = await founded();
    const bucket = new Bucket();
    const first = await authority.publish(bucket, { realm: REALM });
    assert.deepEqual(first, { revision: 3, publishedAt: NOW, written: ["snapshot-3", "latest"] });
    assert.deepEqual(bucket.calls, ["get latest", "put snapshot-3", "put latest"]);
    const verifier = Verifier.load(bucket.objects.get("snapshot-3"), { clock: NOW });
    let token;
    for (let count = 0; count < 40; count++) {
      ({ token } = await alice.issue({ name: `t${count}` }));
      const before = verifier.revision;
      await authority.publish(bucket, { realm: REALM });
      verifier.apply(new TextDecoder().decode(bucket.objects.get(`delta-${before}-${authority.revision}`)));
    }
    assert.equal(verifier.authenticate(token).reason, "allowed");
    assert.ok(bucket.calls.includes("delete snapshot-3"));
    assert.equal(bucket.latest.realm, REALM);
    authority.setClock(new Date(NOW.getTime() + 30_000));
    const { publishedAt, written } = await authority.publish(bucket, { realm: REALM });
    assert.deepEqual([publishedAt.getTime() - NOW.getTime(), written], [30_000, ["latest"]]);
  });

  test(`${name}: what is there is respected, and what a target throws comes through`, async () => {
    const { authority } = await founded();
    const bucket = new Bucket();
    await authority.publish(bucket);
    await assert.rejects((await founded()).authority.publish(bucket), { code: "publication_foreign", place: "store" });
    await assert.rejects(authority.publish(bucket, { realm: REALM }), { code: "publication_foreign", place: "realm" });
    const before = bucket.objects.get("latest");
    await authority.createRealm("organization:b");
    bucket.broken = "delta";
    await assert.rejects(authority.publish(bucket), /no space/);
    assert.equal(bucket.objects.get("latest"), before);
    bucket.broken = null;
    const newer = new TextDecoder().decode(before).replaceAll('-3"', '-9"').replace(":3,", ":9,");
    // Text and objects that bytes can be had of are read as well.
    for (const latest of [newer, new Blob([newer])]) {
      bucket.objects.set("latest", latest);
      await assert.rejects(authority.publish(bucket), { code: "publication_newer", category: "conflict" });
    }
    bucket.objects.set("latest", "{}");
    await assert.rejects(authority.publish(bucket), { code: "publication_invalid", place: "format" });
    for (const wrong of [undefined, 5, {}, { get() {}, put() {} }]) {
      await assert.rejects(authority.publish(wrong), { code: "type_invalid", place: "target" });
    }
    await authority.close();
    await assert.rejects(authority.publish(new Bucket()), { code: "closed" });
  });
}

test("in Node.js a folder gets what a target gets", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-publish-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [[, addon], [, module]] = faces;
  const authority = await addon.Authority.open("memory:", { clock: NOW });
  const bucket = new Bucket();
  assert.deepEqual(await authority.publish(folder), await authority.publish(bucket));
  assert.deepEqual(readdirSync(folder).sort(), [...bucket.objects.keys()].sort());
  for (const [name, bytes] of bucket.objects) assert.deepEqual(readFileSync(join(folder, name)), Buffer.from(bytes));
  await assert.rejects(authority.publish(join(folder, "nowhere")), { code: "store_failed", place: "target" });
  const wasm = await module.Authority.open("memory:");
  await assert.rejects(wasm.publish(folder), { code: "type_invalid", place: "target" });
});
