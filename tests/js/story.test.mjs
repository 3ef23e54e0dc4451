// The everyday use of the face, in both packages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { faces, founded, issued, REALM } from "./faces.mjs";

for (const [face, api] of faces) {
  test(`${face}: issue, decide, revoke`, async () => {
    const { authority, alice, token, resource } = await issued(api);
    const header = `Bearer ${token.token}`;

    const decision = authority.authorize(header, "project-read", resource, { path: "/v1/projects" });
    assert.ok(decision instanceof api.Decision);
    assert.deepEqual(decision.toJSON(), {
      allowed: true,
      reason: "allowed",
      status: 200,
      wwwAuthenticate: null,
      retryAfter: null,
      principal: "token:ci/deploy",
      owner: "user:alice",
      tokenId: token.clientId,
      tokenName: "ci/deploy",
      realm: REALM,
      revision: authority.revision,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(decision)), decision.toJSON());
    assert.equal(authority.authorize(header, "project-read", resource, "/v2/").reason, "path_not_allowed");
    assert.equal(authority.authorize(header, "project-write", resource, "/v1/").reason, "permission_missing");

    await alice.revoke("ci/deploy");
    const revoked = authority.authorize(header, "project-read", resource, "/v1/");
    assert.equal(revoked.reason, "token_revoked");
    assert.equal(revoked.status, 401);
    assert.equal(revoked.wwwAuthenticate, 'Bearer realm="default", error="invalid_token"');
    assert.equal(decision.allowed, true, "a decision does not change after it was made");
    await authority.close();
  });

  test(`${face}: results are camelCase with Date, documents are snake_case`, async () => {
    const clock = new Date("2027-01-15T08:00:00Z");
    const { authority, alice, token } = await issued(api, { clock });
    assert.deepEqual(token.expiresAt, new Date("2027-02-14T08:00:00Z"));
    const [listed] = await alice.tokens();
    assert.equal(listed.clientId, token.clientId);
    assert.deepEqual(listed.createdAt, clock);
    assert.equal(listed.lastUsed, null);
    assert.equal(listed.createdBy, "user:alice");
    assert.deepEqual(await authority.realms(), [
      {
        realm: REALM,
        createdAt: clock,
        settings: { apiAccess: true, individualTokens: true, maximumLifetimeDays: -1 },
      },
    ]);
    assert.deepEqual(await alice.updateSettings({ maximumLifetimeDays: 7 }), {
      apiAccess: true,
      individualTokens: true,
      maximumLifetimeDays: 7,
    });
    const [change] = await authority.audit({ limit: 1 });
    assert.ok(change.at instanceof Date);
    const introspection = authority.introspect(token.token);
    assert.equal(introspection.client_id, token.clientId);
    assert.equal(introspection.iat, clock.getTime() / 1000);
    assert.ok(authority.policy().administrator_role);
    await authority.close();
  });

  test(`${face}: guards`, async () => {
    const { authority, token } = await issued(api);
    const guard = authority.guard("project-read", "organization:acme/project:{project}");
    const allowed = (params, path = "/v1/") => guard.authorize(token.token, { path, params }).reason;
    assert.equal(allowed({ project: "one" }), "allowed");
    assert.equal(allowed({ project: "one" }, "/v2/"), "path_not_allowed");
    assert.equal(allowed({ project: "one/item:x" }), "resource_invalid");
    assert.equal(allowed({ project: "\0" }), "resource_invalid");
    assert.equal(allowed({ project: "ü" }), allowed({ project: "ä" }));
    assert.equal(allowed({ project: "x".repeat(5000) }), "resource_invalid");
    assert.equal(allowed({ __proto__: null, project: "one" }), "allowed");
    const refuses = (code, options) => assert.throws(() => guard.authorize(token.token, options), { code });
    refuses("guard_parameter_missing", "/v1/");
    refuses("guard_parameter_missing", { params: {} });
    refuses("guard_parameter_unknown", { params: { project: "one", other: "two" } });
    refuses("guard_parameter_unknown", { params: { other: "two" } });
    refuses("type_invalid", { params: { project: 1 } });
    refuses("type_invalid", { params: ["one"] });
    refuses("type_invalid", { params: null });
    refuses("field_unknown", { project: "one" });
    assert.throws(() => authority.guard("nothing", "organization:acme"), { code: "permission_unknown" });
    assert.throws(() => authority.guard("project-read", "organization:{"), { code: "guard_template_invalid" });

    const two = authority.guard("item-read", "organization:{organization}/project:{project}/item:{item}");
    const params = { item: "i", project: "one", organization: "acme" };
    assert.equal(two.authorize(token.token, { path: "/v1/", params }).reason, "allowed");
    const whole = authority.guard("organization-read", REALM);
    assert.equal(whole.authorize(token.token, "/v1/").reason, "permission_missing");
    assert.equal(whole.authorize(undefined).reason, "no_credential");
    await authority.close();
  });

  test(`${face}: many requests at once`, async () => {
    const { authority, token, resource } = await issued(api);
    const request = { credential: token.token, permission: "project-read", resource, path: "/v1/" };
    const decisions = authority.authorizeMany([
      request,
      { ...request, credential: null },
      { ...request, path: undefined },
      { ...request, credential: `${token.token}x` },
    ]);
    const reasons = decisions.map((decision) => decision.reason);
    assert.deepEqual(reasons, ["allowed", "no_credential", "path_not_allowed", "token_malformed"]);
    assert.equal(decisions[0].tokenName, "ci/deploy");
    assert.equal(decisions[3].tokenName, null);
    assert.deepEqual(authority.authorizeMany([]), []);
    assert.throws(() => authority.authorizeMany(new Array(10_001).fill(request)), { code: "too_many" });
    assert.throws(() => authority.authorizeMany([request, undefined]), { code: "type_invalid", place: "requests[1]" });
    assert.throws(() => authority.authorizeMany([{ ...request, path: 1 }]), { place: "requests[0].path" });
    await authority.close();
  });

  test(`${face}: a verifier follows an authority`, async () => {
    const { authority, alice, token, resource } = await issued(api);
    const snapshot = await authority.snapshot();
    const verifier = api.Verifier.load(snapshot, { maxAgeSeconds: 60 });
    const ask = () => verifier.authorize(token.token, "project-read", resource, "/v1/").reason;
    assert.equal(ask(), "allowed");
    assert.equal(api.Verifier.load(snapshot.slice().buffer).revision, authority.revision);
    const inside = new Uint8Array(snapshot.length + 7);
    inside.set(snapshot, 7);
    assert.equal(api.Verifier.load(inside.subarray(7)).revision, authority.revision);
    snapshot.fill(0);
    assert.equal(ask(), "allowed", "the bytes were copied");

    await alice.disable("ci/deploy");
    assert.equal(verifier.apply(await authority.events(verifier.revision)), authority.revision);
    assert.equal(ask(), "token_disabled");
    assert.throws(() => verifier.apply("[{}]"), { category: "input" });
    assert.equal(ask(), "token_disabled");

    verifier.setClock(new Date(Date.now() + 3_600_000));
    assert.ok(verifier.age >= 3600);
    assert.equal(ask(), "stale");
    const stale = verifier.authorize(token.token, "project-read", resource, "/v1/");
    assert.deepEqual([stale.status, stale.allowed, stale.revision], [503, false, authority.revision]);
    assert.throws(() => verifier.introspect(token.token), { code: "stale" });
    for (const bytes of [new Uint8Array(), new Uint8Array(100), "text", [1, 2], null, new SharedArrayBuffer(8)]) {
      assert.throws(() => api.Verifier.load(bytes), api.TokenwardError);
    }
    await authority.close();
  });

  test(`${face}: errors have a class, a code and a place`, async () => {
    const { authority, alice } = await founded(api);
    const refused = (promise, name, code, place) => assert.rejects(promise, { name, code, place });
    await refused(alice.issue(), "InputError", "name_required", "name");
    await refused(alice.issue({ name: "a", paths: [] }), "InputError", "paths_empty", "paths");
    await refused(alice.issue({ name: "a", lifetimeDays: 1.5 }), "InputError", "number_invalid", "lifetime_days");
    await refused(alice.issue({ name: "a", lifetime_days: 1 }), "InputError", "field_unknown", "field 2");
    await refused(alice.issue({ name: null }), "InputError", "type_invalid", "name");
    await refused(alice.token("nobody"), "NotFoundError", "token_not_found", "token");
    await refused(authority.createRealm(REALM), "ConflictError", "realm_exists", "realm");
    await refused(authority.session("organization:none", "user:a"), "NotFoundError", "realm_not_found", "realm");
    await refused(authority.login(REALM, "bob", "long enough"), "DeniedError", "login_failed", "");
    await refused(authority.refresh({ revision: 1000, timeoutSeconds: 0 }), "StateError", "stale", "revision");
    const bob = await authority.session(REALM, "user:bob");
    await refused(bob.issue({ name: "a" }), "DeniedError", "not_permitted", "token.issue");
    const error = await alice.issue().catch((error) => error);
    assert.ok(error instanceof api.InputError && error instanceof api.TokenwardError && error instanceof Error);
    await authority.close();
    await authority.close();
    await refused(alice.tokens(), "StateError", "closed", "");
    assert.equal(authority.authenticate("x").reason, "unavailable");
    assert.throws(() => authority.policy(), { code: "closed" });
    assert.throws(() => authority.guard("project-read", REALM), { code: "closed" });
  });

  test(`${face}: a policy may be a document, and another one is refused`, async () => {
    const policy = { ...(await founded(api)).authority.policy(), name: "mine" };
    const authority = await api.Authority.open("memory:", { policy });
    assert.equal(authority.policy().name, "mine");
    assert.equal(authority.authenticate(null).wwwAuthenticate, 'Bearer realm="mine"');
    await authority.close();
    await assert.rejects(api.Authority.open("memory:", { policy: "none-such" }), { code: "policy_preset_unknown" });
    await assert.rejects(api.Authority.open("memory:", { policy: { name: "x" } }), { category: "input" });
    await assert.rejects(api.Authority.open("elsewhere:"), { code: "store_unknown" });
    await assert.rejects(api.Authority.open(new String("memory:")), { code: "type_invalid" });
  });

  test(`${face}: the clock`, async () => {
    const { authority, alice, token, resource } = await issued(api, { clock: new Date("2027-01-15T08:00:00Z") });
    const ask = () => authority.authorize(token.token, "project-read", resource, "/v1/").reason;
    assert.equal(ask(), "allowed");
    authority.setClock(new Date("2027-02-14T07:59:59.999Z"));
    assert.equal(ask(), "allowed");
    authority.setClock(new Date("2027-02-14T08:00:00Z"));
    assert.equal(ask(), "token_expired");
    authority.setClock(new Date(0));
    assert.equal(ask(), "clock_implausible");
    await assert.rejects(alice.issue({ name: "b" }), { code: "clock_implausible" });
    assert.throws(() => authority.setClock(1_800_000_000), { code: "type_invalid" });
    assert.throws(() => authority.setClock(new Date(Number.NaN)), { code: "instant_invalid" });
    authority.setClock();
    assert.equal(typeof ask(), "string");
  });

  test(`${face}: when a token was used last is listed`, async () => {
    const clock = new Date("2027-01-15T08:00:00Z");
    const { authority, alice, token } = await issued(api, { clock });
    authority.authenticate(token.token);
    assert.deepEqual((await alice.token("ci/deploy")).lastUsed, clock);
    await authority.close();
  });
}
