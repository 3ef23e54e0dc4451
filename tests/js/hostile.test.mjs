// Surroundings that are not as they should be: polluted prototypes, callers that do not wait.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { faces, founded, REALM } from "./faces.mjs";

const POLLUTED = `
  for (const name of ["polluted", "params", "realm", "policy", "clock", "credential", "expiresAt", "lifetimeDays", "place", "after"]) {
    Object.prototype[name] = "x";
  }
  Object.prototype.toJSON = () => "x";
  Object.defineProperty(Object.prototype, "token", { set() { throw new Error("setter"); }, get: () => "x", configurable: true });
  // Objects that are filled name by name run into these.
  Object.defineProperty(Object.prototype, "roles", { set() { throw new Error("setter"); }, get: () => "x", configurable: true });
  Object.defineProperty(Object.prototype, "client_id", { value: "x", writable: false, configurable: true });
  const { Authority, Verifier } = await import(PACKAGE);
  const authority = await Authority.open("memory:", { policy: "default" });
  await authority.createRealm("organization:acme", { administrator: "user:alice" });
  const alice = await authority.session("organization:acme", "user:alice");
  const issued = await alice.issue({ name: "a", roles: ["Viewer"] });
  const days = (issued.expiresAt - Date.now()) / 86400000;
  const resource = "organization:acme/project:one";
  const guard = authority.guard("project-read", "organization:acme/project:{p}");
  const listed = await alice.tokens();
  const verifier = Verifier.load(await authority.snapshot());
  console.log([
    Math.round(days),
    authority.authorize(issued.token, "project-read", resource).reason,
    authority.authorize(issued.token, "project-read", resource, {}).reason,
    guard.authorize(issued.token, { params: { p: "one" } }).reason,
    verifier.authenticate(issued.token, {}).reason,
    Object.keys(listed[0]).length > 5,
    listed[0].name,
    listed[0].roles.join(),
    listed[0].clientId === issued.clientId,
    authority.introspect(issued.token).client_id === issued.clientId,
    (await authority.audit()).length,
    authority.authenticate(issued.token).tokenName,
    issued.token.startsWith(issued.clientId),
  ].join(" "));
`;

for (const [name, text] of [
  ["addon", "tokenward"],
  ["wasm", "tokenward-wasm"],
]) {
  test(`${name}: a polluted prototype changes no result`, () => {
    const program = POLLUTED.replace("PACKAGE", JSON.stringify(text));
    const options = { cwd: import.meta.dirname, encoding: "utf8" };
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], options);
    assert.equal(stderr, "");
    assert.equal(stdout.trim(), "90 allowed allowed allowed allowed true a Viewer true true 4 a true");
  });
}

for (const [face, api] of faces) {
  test(`${face}: calls that are not waited for are all made`, async () => {
    const { authority, alice } = await founded(api);
    const names = Array.from({ length: 40 }, (_, index) => `t${index}`);
    const outcomes = await Promise.allSettled([
      ...names.map((name) => alice.issue({ name })),
      ...names.map((name) => alice.issue({ name })),
    ]);
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 40);
    assert.ok(outcomes.every(({ reason }) => reason === undefined || reason.code === "name_taken"));
    assert.equal((await alice.tokens()).length, 40);
    await authority.close();
  });

  test(`${face}: a call after close, and one under way at close, ends`, async () => {
    const { authority, alice } = await founded(api);
    const late = alice.issue({ name: "late" });
    await authority.close();
    const outcome = await late.then(
      () => "issued",
      (error) => error.code,
    );
    assert.ok(["issued", "closed"].includes(outcome), outcome);
    await assert.rejects(authority.session(REALM, "user:alice"), { code: "closed" });
  });
}
