// What the request path takes for a credential, a permission, a resource, a path: plain strings and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { faces, issued } from "./faces.mjs";

for (const [face, api] of faces) {
  test(`${face}: values that only look like strings are refused`, async () => {
    const { authority, token, resource } = await issued(api);
    const text = token.token;
    const impostors = [new String(text), [text], { toString: () => text }, 1, 1n, true, Symbol("x"), () => text];
    impostors.push(
      Buffer.from(text),
      { valueOf: () => 7 },
      new Date(),
      Object(text),
      vm.runInNewContext("new String('x')"),
    );
    for (const value of impostors) {
      const refused = (place, call) => assert.throws(call, { code: "type_invalid", place });
      refused("credential", () => authority.authorize(value, "project-read", resource));
      refused("credential", () => authority.authenticate(value));
      refused("credential", () => authority.explain(value, "project-read", resource));
      refused("permission", () => authority.authorize(text, value, resource));
      refused("resource", () => authority.authorize(text, "project-read", value));
      refused("path", () => authority.authorize(text, "project-read", resource, { path: value }));
      refused("permission", () => authority.guard(value, resource));
      refused("template", () => authority.guard("project-read", value));
      refused("realm", () => authority.authenticate(text, { realm: value }));
      refused("path", () => authority.authenticate(text, { path: value }));
      if (typeof value !== "object") {
        refused("path", () => authority.authorize(text, "project-read", resource, value));
      }
    }
    const options = (value) => () => authority.authorize(text, "project-read", resource, value);
    assert.throws(options(null), { code: "type_invalid" });
    assert.throws(options(["/v1/"]), { code: "type_invalid" });
    assert.throws(options({ pth: "/v1/" }), { code: "field_unknown" });
    assert.throws(options({ path: null }), { code: "type_invalid", place: "path" });
    assert.throws(options({ __proto__: { path: "/v1/" } }), { code: "field_unknown" });
    assert.throws(
      options(
        new Proxy(
          { path: "/" },
          {
            get: () => {
              throw new RangeError("mine");
            },
          },
        ),
      ),
      RangeError,
    );
    assert.equal(options({ path: undefined })().reason, "path_not_allowed");
    Object.prototype.path = "/v1/";
    Object.prototype.polluted = "x";
    try {
      assert.equal(options({})().reason, "path_not_allowed");
      assert.equal(authority.guard("project-read", resource).authorize(text, {}).reason, "path_not_allowed");
    } finally {
      delete Object.prototype.path;
      delete Object.prototype.polluted;
    }
    assert.equal(options(vm.runInNewContext("({ path: '/v1/' })"))().reason, "allowed");
    await authority.close();
  });

  test(`${face}: junk of any size and kind is a decision`, async () => {
    const { authority, token, resource } = await issued(api);
    const text = token.token;
    const guard = authority.guard("project-read", resource);
    const junk = ["", " ", "\0", "x".repeat(255), "x".repeat(1024), "x".repeat(1025), "x".repeat(10_000_000)];
    junk.push(
      "\ud800",
      "é".repeat(600),
      "😀".repeat(300),
      `${text}\0`,
      `${text}é`,
      text.toLowerCase(),
      `Bearer ${text}é`,
    );
    // Characters whose low byte is right, which a careless conversion would take for the token.
    junk.push(text.replace(/./g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x100)));
    junk.push(text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 0x100));
    for (const value of junk) {
      for (const decision of [
        authority.authorize(value, "project-read", resource, "/v1/"),
        authority.authenticate(value),
        guard.authorize(value, "/v1/"),
      ]) {
        assert.equal(decision.allowed, false);
        assert.equal(decision.tokenId, null);
        assert.ok([400, 401].includes(decision.status), `${decision.status} ${decision.reason}`);
      }
      assert.equal(authority.authorize(text, value, resource, "/v1/").reason, "permission_unknown");
      assert.notEqual(authority.authorize(text, "project-read", value, "/v1/").reason, "allowed");
      assert.notEqual(authority.authorize(text, "project-read", resource, value).reason, "allowed");
    }
    const allowed = guard.authorize(text, "/v1/");
    assert.equal(allowed.reason, "allowed");
    const long = (length) => guard.authorize(text, `/v1/${"a".repeat(length - 4)}`).reason;
    assert.deepEqual(
      [long(2048), long(2049), long(2056), long(5000)],
      ["allowed", "path_invalid", "path_invalid", "path_invalid"],
    );
    await authority.close();
  });

  test(`${face}: a decision is about the token that it was made for`, async () => {
    const { authority, alice, token } = await issued(api);
    const other = await alice.issue({ name: "other", paths: [".*"] });
    const one = authority.authenticate(token.token);
    const two = authority.authenticate(other.token);
    const none = authority.authenticate(null);
    assert.deepEqual([one.tokenName, two.tokenName, none.tokenName], ["ci/deploy", "other", null]);
    assert.deepEqual([one.tokenId, two.tokenId, none.tokenId], [token.clientId, other.clientId, null]);
    await authority.close();
  });
}
