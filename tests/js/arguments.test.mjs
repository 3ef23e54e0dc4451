// What of a call becomes the text that the core judges, and what JavaScript refuses by itself because no text can say it.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { argumentsText, documentText, optionsOf } from "../../node/js/face/arguments.js";

const text = (options) => argumentsText({}, options);
const refuses = (code, place, call) =>
  assert.throws(call, (error) => {
    assert.equal(error.code, code);
    assert.equal(error.place, place);
    assert.equal(error.category, "input");
    return true;
  });

test("names become snake_case, undefined is absent, null stays", () => {
  assert.equal(text(undefined), "{}");
  assert.equal(
    text({ lifetimeDays: 30, name: undefined, paths: ["a", "b"] }),
    '{"lifetime_days":30,"paths":["a","b"]}',
  );
  assert.equal(text({ settings: { apiAccess: false } }), '{"settings":{"api_access":false}}');
  assert.equal(text({ description: null }), '{"description":null}');
  assert.equal(argumentsText({ realm: "r", user: undefined }, { replace: true }), '{"realm":"r","replace":true}');
});

test("a name in snake_case is none of ours, and two spellings never become one", () => {
  assert.equal(text({ lifetime_days: 1, lifetimeDays: 2 }), '{"lifetime__days":1,"lifetime_days":2}');
  assert.equal(text(JSON.parse('{"__proto__":{"admin":true}}')), '{"____proto____":{"admin":true}}');
});

test("documents keep their names", () => {
  assert.equal(
    documentText({ custom_roles: true, roles: { A: {} } }, "policy"),
    '{"custom_roles":true,"roles":{"A":{}}}',
  );
  refuses("number_invalid", "policy.tokens.maximum", () => documentText({ tokens: { maximum: 1.5 } }, "policy"));
});

test("a Date becomes whole seconds, rounded down", () => {
  assert.equal(text({ expiresAt: new Date(1_800_000_000_999) }), '{"expires_at":1800000000}');
  assert.equal(text({ expiresAt: new Date(-1) }), '{"expires_at":-1}');
  assert.equal(text({ expiresAt: vm.runInNewContext("new Date(5000)") }), '{"expires_at":5}');
  assert.equal(text({ expiresAt: null }), '{"expires_at":null}');
  refuses("instant_invalid", "expires_at", () => text({ expiresAt: new Date(Number.NaN) }));
  for (const value of [1_800_000_000, "2030-06-30T23:59:60Z", {}, [], true, 1n, { __proto__: Date.prototype }]) {
    refuses("type_invalid", "expires_at", () => text({ expiresAt: value }));
  }
  refuses("type_invalid", "name", () => text({ name: new Date() }));
});

test("numbers that a document cannot hold are refused", () => {
  for (const value of [Number.NaN, Infinity, -Infinity, 3600.5, 2 ** 53, -(2 ** 53), 1e300, -0]) {
    refuses("number_invalid", "lifetime_days", () => text({ lifetimeDays: value }));
  }
  assert.equal(text({ lifetimeDays: 4294967296 }), '{"lifetime_days":4294967296}');
});

test("values that no document has are refused", () => {
  const values = [
    10n,
    Symbol("s"),
    () => 1,
    new String("x"),
    new Number(1),
    new Boolean(true),
    new Map(),
    new Set(["x"]),
  ];
  values.push(new Uint8Array(2), Promise.resolve("x"), /x/, new Error("x"), new WeakMap());
  for (const value of values) {
    refuses("type_invalid", "name", () => text({ name: value }));
    refuses("type_invalid", "paths[0]", () => text({ paths: [value] }));
  }
  refuses("type_invalid", "paths[1]", () => text({ paths: ["a", undefined] }));
  refuses("type_invalid", "paths[0]", () => text({ paths: new Array(1) }));
});

test("options are an object", () => {
  for (const value of [null, "x", 1, true, [], ["x"], new Map([["name", "x"]]), () => 1, Promise.resolve({})]) {
    refuses("type_invalid", "", () => text(value));
    refuses("type_invalid", "", () => optionsOf(value, ["path"]));
  }
});

test("what is inherited is not read, and who puts options into a prototype is told", () => {
  class Form {
    name = "own";
    get lifetimeDays() {
      return 1;
    }
  }
  assert.equal(text(new Form()), '{"name":"own"}');
  assert.equal(text({ __proto__: null, name: "x" }), '{"name":"x"}');
  assert.equal(text(vm.runInNewContext('({ name: "x" })')), '{"name":"x"}');
  refuses("field_unknown", "prototype", () => text({ roles: ["viewer"], __proto__: { expiresAt: "never" } }));
  refuses("field_unknown", "settings.prototype", () => text({ settings: Object.create({ apiAccess: true }) }));
});

test("a polluted prototype changes nothing", () => {
  Object.prototype.expiresAt = "never";
  Array.prototype[0] = "^/polluted";
  Object.prototype.toJSON = () => "polluted";
  try {
    assert.equal(text({ name: "x" }), '{"name":"x"}');
    assert.equal(optionsOf({}, ["expiresAt"]).expiresAt, undefined);
    assert.throws(() => text({ paths: new Array(1) }));
  } finally {
    delete Object.prototype.expiresAt;
    delete Array.prototype[0];
    delete Object.prototype.toJSON;
  }
});

test("a getter or a proxy that throws is the host's error", () => {
  const proxy = new Proxy(
    {},
    {
      get: () => {
        throw new RangeError("mine");
      },
    },
  );
  assert.throws(() => text(proxy), RangeError);
  const getter = {
    get name() {
      throw new RangeError("mine");
    },
  };
  assert.throws(() => text(getter), RangeError);
});

test("a value that contains itself ends", () => {
  const settings = {};
  settings.settings = settings;
  assert.throws(() => text({ settings }), { code: "type_invalid" });
  const list = [];
  list.push(list);
  assert.throws(() => text({ paths: list }), { code: "type_invalid" });
  const prototype = new Proxy({}, { getPrototypeOf: () => prototype });
  assert.throws(() => text(prototype), { code: "type_invalid" });
});

test("an error names options and nothing else of the input", () => {
  const token = "tw_AAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBCCCCCC";
  assert.throws(
    () => text({ [token]: 1.5 }),
    (error) => error.place === "field 1" && !`${error.message}${error.stack}`.includes("BBBBBBBB"),
  );
  assert.throws(
    () => optionsOf({ [token]: "x" }, ["path"]),
    (error) => !error.message.includes("BBBBBBBB"),
  );
});

test("lone surrogates are left for the core to refuse", () => {
  assert.equal(text({ name: "\ud800" }), '{"name":"\\ud800"}');
});
