// A secret shows itself where it is asked for by name, and nowhere else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { faces, founded, issued } from "./faces.mjs";
import { leaks } from "./observed.mjs";

for (const [face, api] of faces) {
  test(`${face}: what was issued does not show its secret`, async () => {
    const { authority, token } = await issued(api);
    const shown = [
      inspect(token),
      inspect(token, { showHidden: true, depth: 9, getters: true }),
      inspect({ token: [token] }, { depth: 9 }),
      JSON.stringify(token),
      JSON.stringify({ nested: [token] }),
      `${token}`,
      String(token),
      inspect(structuredClone(token)),
      JSON.stringify({ ...token }),
      JSON.stringify(Object.entries(token)),
      JSON.stringify(Object.getOwnPropertyNames(token)),
      inspect(authority, { showHidden: true, depth: 9 }),
      inspect(authority.authenticate(token.token), { depth: 9 }),
    ];
    for (const text of shown) assert.equal(leaks(text, token.clientSecret), false, text);
    assert.match(inspect(token), /\[redacted\]/);
    assert.match(inspect(token), /ci\/deploy/);
    assert.equal(`${token}`, `Issued(${token.clientId})`);
    assert.equal(token.token, token.clientId + token.clientSecret);
    assert.throws(() => {
      token.clientId = "x";
    }, TypeError);
    await authority.close();
  });

  test(`${face}: the files to download`, async () => {
    const authority = await api.Authority.open("memory:", { policy: "astra" });
    await authority.createRealm("organization:acme", { administrator: "user:alice" });
    const alice = await authority.session("organization:acme", "user:alice");
    const token = await alice.issue({ roles: ["Organization Administrator"] });
    assert.deepEqual(JSON.parse(token.toJson()), {
      clientId: token.clientId,
      secret: token.clientSecret,
      token: token.token,
    });
    assert.equal(
      token.toCsv(),
      '"Client Id","Client Secret","Role","Token"\r\n' +
        `"${token.clientId}","${token.clientSecret}","Organization Administrator","${token.token}"\r\n`,
    );
    await authority.close();
  });

  test(`${face}: no error holds a secret`, async () => {
    const { authority, alice, token } = await issued(api);
    const secret = token.token;
    const calls = [
      () => alice.issue({ name: secret }),
      () => alice.issue({ name: "a", description: `see ${secret}` }),
      () => alice.issue({ name: "a", [secret]: 1 }),
      () => alice.issue({ name: "a", [secret]: 1.5 }),
      () => alice.issue({ name: "a", expiresAt: secret }),
      () => alice.issue({ name: "a", roles: [secret] }),
      () => alice.issue({ name: "a", paths: [`(${secret}`] }),
      () => alice.token(secret),
      () => alice.revoke(secret),
      () => alice.bind(secret, { at: secret, subjects: [secret] }),
      () => alice.createRole(secret, { permissions: [secret] }),
      () => alice._call(secret, secret),
      () => alice._call("issue", `{"name": "${secret}`),
      () => alice._call("issue", `{"expires_at": "${secret}"}`),
      () => alice._call("issue", `{"${secret}": 1}`),
      () => authority.login("organization:acme", secret, secret),
      () => authority.loginWithToken("organization:acme", `${secret}x`),
      () => authority.session(secret, secret),
      () => authority.createRealm(secret),
      () => authority.guard(secret, secret),
      () => authority.guard("project-read", `organization:{${secret}}`),
      () =>
        authority
          .guard("project-read", "organization:acme/project:{p}")
          .authorize(secret, { params: { [secret]: "" } }),
      () => authority.authorize("x", "y", "z", { [secret]: 1 }),
      () => authority.introspect({ [secret]: secret }),
      () => authority.lint([`(${secret}`]),
      () => api.Authority.open(secret),
      () => api.Authority.open("memory:", { policy: secret }),
      () => api.Authority.open("memory:", { policy: { name: secret, [secret]: secret } }),
      () => api.Authority.open("memory:", { [secret]: secret }),
      () => api.Verifier.load(Buffer.from(secret)),
      () => api.Verifier.load(secret),
    ];
    let errors = 0;
    for (const call of calls) {
      try {
        await call();
      } catch (error) {
        errors += 1;
        assert.ok(error instanceof api.TokenwardError, String(call));
        const text = [
          error.message,
          error.place,
          error.code,
          error.stack,
          inspect(error, { depth: 9, showHidden: true }),
        ];
        assert.equal(leaks(text.join("\n"), token.clientSecret), false, String(call));
      }
    }
    assert.ok(errors >= calls.length - 2, `${errors} of ${calls.length} calls were refused`);
    await authority.close();
  });

  test(`${face}: snapshots, events and audit hold no secret`, async () => {
    const { authority, alice, token } = await issued(api);
    await alice.addUser("bob", { password: "correct horse" });
    const texts = [
      Buffer.from(await authority.snapshot()).toString("latin1"),
      await authority.events(0),
      JSON.stringify(await authority.audit()),
      JSON.stringify(await alice.tokens()),
      JSON.stringify(await alice.users()),
    ];
    for (const text of texts) {
      assert.equal(leaks(text, token.clientSecret), false);
      assert.equal(leaks(text, "correct horse"), false);
    }
    await authority.close();
  });

  test(`${face}: the same secret is never issued twice`, async () => {
    const { authority, alice } = await founded(api);
    const names = Array.from({ length: 50 }, (_, index) => `t${index}`);
    const tokens = await Promise.all(names.map((name) => alice.issue({ name })));
    assert.equal(new Set(tokens.map(({ clientSecret }) => clientSecret)).size, 50);
    await authority.close();
  });
}
