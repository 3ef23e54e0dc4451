// Keys that better-auth and prefixed-api-key made keep working; what their tables hold is read from JSON.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { apiKey } from "better-auth/plugins";
import { generateAPIKey } from "prefixed-api-key";
import { Authority, readExport } from "tokenward";
import { Authority as EdgeAuthority, Verifier as EdgeVerifier } from "tokenward-wasm";

async function opened() {
  const authority = await Authority.open("memory:", { policy: "default" });
  await authority.createRealm("organization:acme", { administrator: "user:alice" });
  return { authority, host: await authority.system("organization:acme") };
}

const reason = (target, credential) => target.authenticate(credential).reason;

/** Keys and their table, as the api-key plugin of better-auth makes them. */
async function betterAuthKeys() {
  const tables = { user: [], session: [], account: [], verification: [], apikey: [] };
  const auth = betterAuth({
    database: memoryAdapter(tables),
    secret: "of a test, and long enough for one",
    baseURL: "http://localhost",
    emailAndPassword: { enabled: true },
    plugins: [apiKey({ defaultPrefix: "shop_" })],
    logger: { disabled: true },
    telemetry: { enabled: false },
  });
  const { user } = await auth.api.signUpEmail({ body: { email: "a@b.example", password: "of a test", name: "ana" } });
  const keys = [];
  for (const body of [{ name: "checkout" }, { name: "checkout", expiresIn: 86_400 * 3 }]) {
    keys.push((await auth.api.createApiKey({ body: { ...body, userId: user.id } })).key);
  }
  return { user, keys, table: JSON.stringify(tables.apikey) };
}

test("keys of better-auth", async () => {
  const { authority, host } = await opened();
  const { user, keys, table } = await betterAuthKeys();
  const tokens = await host.importTokens(readExport("better_auth", table, { roles: ["Viewer"], lifetimeDays: 90 }));
  assert.deepEqual(
    tokens.map(({ name, owner }) => [name, owner]),
    [
      ["checkout", `user:${user.id}`],
      ["checkout-2", `user:${user.id}`],
    ],
  );
  assert.deepEqual(tokens[0].origin, { scheme: "better_auth", lookup: null, rehashed: true });
  assert.ok(tokens[0].createdAt instanceof Date && tokens[1].expiresAt < tokens[0].expiresAt);
  for (const key of keys) {
    assert.equal(reason(authority, key), "allowed");
    assert.equal(reason(authority, `${key}x`), "token_malformed");
  }
  await authority.close();
});

test("keys of prefixed-api-key", async () => {
  const { authority, host } = await opened();
  const made = [await generateAPIKey({ keyPrefix: "acme" }), await generateAPIKey({ keyPrefix: "acme" })];
  const rows = made.map(({ shortToken, longTokenHash }, index) => ({
    shortToken,
    longTokenHash,
    name: `key ${index}`,
  }));
  await host.importTokens(readExport("seam", JSON.stringify(rows), { prefix: "acme", lifetimeDays: 90 }));
  const edge = EdgeVerifier.load(await authority.snapshot());
  for (const target of [authority, edge]) {
    for (const { token, longToken } of [...made, ...made]) {
      assert.equal(reason(target, `Bearer ${token}`), "allowed");
      assert.equal(reason(target, `Bearer other_${token.split("_")[1]}_${longToken}`), "token_malformed");
    }
    assert.equal(reason(target, `acme_${made[0].shortToken}_${made[1].longToken}`), "token_malformed");
  }
  assert.equal((await host.token("key-0")).origin.rehashed, true);
  await authority.close();
});

test("a first use at the edge is written with the next refresh", async () => {
  const log = [];
  const store = {
    read: async (after) => log.slice(after),
    append: async (expected, records) => {
      if (expected !== log.length) return false;
      log.push(...records);
      return true;
    },
  };
  const authority = await EdgeAuthority.open(store, { policy: "default" });
  await authority.createRealm("organization:acme", { administrator: "user:alice" });
  const alice = await authority.session("organization:acme", "user:alice");
  // hashlib.pbkdf2_hmac("sha256", b"prefix.secret", b"salt", 1000).hex()
  const digest = "528a3f4bc471d7d51af8f3a578203937763f705cac3c56501db238924e25dcc4";
  const row = { scheme: "drf_api_key", lookup: "prefix", digest, salt: "salt", iterations: 1000, name: "old" };
  await alice.importTokens([row]);
  const written = () => log.filter((record) => record.includes("tokens_rehashed")).length;
  assert.equal(reason(authority, "Api-Key prefix.secret"), "allowed");
  assert.equal(written(), 0);
  await authority.refresh();
  await authority.refresh();
  assert.equal(written(), 1);
  assert.equal(reason(authority, "Api-Key prefix.secret"), "allowed");
  assert.equal((await alice.token("old")).origin.rehashed, true);
  const again = await EdgeAuthority.open(store);
  assert.equal(reason(again, "Api-Key prefix.secret"), "allowed");
  await Promise.all([authority.close(), again.close()]);
});

test("exports that do not hold", () => {
  const refused = (call, code, place) => assert.throws(call, { name: "InputError", code, place });
  refused(() => readExport("md5", "[]"), "scheme_unknown", "system");
  refused(() => readExport("knox", "[{}]"), "field_missing", "rows[0].digest");
  refused(() => readExport("knox", "[]", { lifetimeDays: 0 }), "lifetime_invalid", "lifetime_days");
  refused(() => readExport("knox", "[]", { secret: "x" }), "field_unknown", "field 1");
  refused(() => readExport("knox"), "type_invalid", "text");
});

test("the JavaScript of the page", async () => {
  const page = await readFile(new URL("../../docs/migrating.md", import.meta.url), "utf8");
  const [, block] = page.match(/^```js\n(.*?)^```$/ms);
  const folder = await mkdtemp(join(tmpdir(), "tokenward-"));
  const lines = [];
  try {
    await writeFile(join(folder, "apikey.json"), (await betterAuthKeys()).table);
    const text = block.replace('"apikey.json"', JSON.stringify(join(folder, "apikey.json")));
    const program = new URL(`./.page-${process.pid}.mjs`, import.meta.url);
    await writeFile(program, text.replace("console.log", "globalThis.shown"));
    globalThis.shown = (line) => lines.push(line);
    try {
      await import(program);
    } finally {
      await rm(program);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.deepEqual(lines, [["checkout", "checkout-2"]]);
});
