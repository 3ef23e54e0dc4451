// The store on PostgreSQL, on a server of our own: two processes, an event loop that runs on, and what is refused.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Authority } from "tokenward";

const SCRIPT = fileURLToPath(new URL("../postgresql.sh", import.meta.url));
const REALM = "organization:acme";
const RESOURCE = `${REALM}/project:site`;
const PATIENT = { timeoutSeconds: 30 };

const ANOTHER = `
  const { Authority } = await import(process.argv[1]);
  const { createInterface } = await import("node:readline");
  const authority = await Authority.open(process.argv[2]);
  const alice = await authority.session("${REALM}", "user:alice");
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, argument, revision] = line.split(" ");
    await authority.refresh({ revision: Number(revision), timeoutSeconds: 30 });
    const answer = verb === "issue"
      ? (await alice.issue({ name: argument, roles: ["Viewer"] })).token
      : authority.authenticate(argument).reason;
    console.log(answer + " " + authority.revision);
  }
  await authority.close();
`;

/** A child with which one talks line by line; its input is ended when the test is done. */
class Child {
  constructor(command, args) {
    this.process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = once(this.process, "close");
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  tell(line) {
    this.process.stdin.write(`${line}\n`);
  }

  async hear() {
    const { value } = await this.lines.next();
    return value;
  }

  async end() {
    this.process.stdin.end();
    const [code] = await this.ended;
    assert.equal(code, 0);
  }
}

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}

describe("PostgreSQL", () => {
  let keeper;
  let psql;
  let port;
  let schemas = 0;

  const address = (schema, { user = "owner", database = "postgres" } = {}) =>
    `postgresql://${user}@127.0.0.1:${port}/${database}?schema=${schema}`;
  const fresh = () => address(`test_${++schemas}`);
  const connection = () => ["-XqAt", "-v", "ON_ERROR_STOP=1", `postgresql://owner@127.0.0.1:${port}/postgres`];
  const sql = (statements) => execFileSync(psql, [...connection(), "-c", statements], { stdio: "pipe" });

  /** Holds the row that every append takes, as a writer that hangs would. */
  async function locked(store, work) {
    const holder = new Child(psql, connection());
    holder.tell(`BEGIN; SELECT 'held' FROM ${store.split("=")[1]}.head FOR UPDATE;`);
    assert.equal(await holder.hear(), "held");
    try {
      return await work();
    } finally {
      await holder.end();
    }
  }

  async function founded(store) {
    const authority = await Authority.open(store, { policy: "default" });
    await authority.createRealm(REALM, { administrator: "user:alice" });
    return { authority, alice: await authority.session(REALM, "user:alice") };
  }

  before(async () => {
    port = await freePort();
    keeper = new Child(SCRIPT, [String(port)]);
    const programs = await keeper.hear();
    if (programs) psql = `${programs}/psql`;
  });

  after(() => keeper.end());

  const check = (name, body) =>
    test(name, async (context) => {
      if (psql) await body();
      else context.skip("PostgreSQL is not installed here");
    });

  check("what is written is there again", async () => {
    const store = fresh();
    const { authority, alice } = await founded(store);
    const kept = await alice.issue({ name: "kept", roles: ["Viewer"] });
    const gone = await alice.issue({ name: "gone", roles: ["Viewer"] });
    await alice.revoke(gone.clientId);
    await assert.rejects(authority.createRealm(REALM), { code: "realm_exists" });
    const { revision } = authority;
    const [snapshot, changes] = [await authority.snapshot(), await authority.audit()];
    assert.equal(changes.length, revision);
    await authority.close();
    const again = await Authority.open(store);
    assert.deepEqual([await again.snapshot(), again.revision, await again.audit()], [snapshot, revision, changes]);
    assert.equal(again.authorize(kept.token, "project-read", RESOURCE).reason, "allowed");
    assert.equal(again.authorize(gone.token, "project-read", RESOURCE).reason, "token_revoked");
    await again.close();
  });

  check("two processes see what the other one does", async () => {
    const store = fresh();
    const { authority, alice } = await founded(store);
    const program = ["--input-type=module", "-e", ANOTHER, import.meta.resolve("tokenward"), store];
    const another = new Child(process.execPath, program);
    const asked = async (verb, argument) => {
      another.tell(`${verb} ${argument} ${authority.revision}`);
      const [answer, revision] = (await another.hear()).split(" ");
      await authority.refresh({ revision: Number(revision), ...PATIENT });
      return answer;
    };
    const theirs = await asked("issue", "theirs");
    const ours = await alice.issue({ name: "ours", roles: ["Viewer"] });
    assert.equal(authority.authenticate(theirs).reason, "allowed");
    assert.equal(await asked("authenticate", ours.token), "allowed");
    await alice.revoke(ours.clientId);
    assert.equal(await asked("authenticate", ours.token), "token_revoked");
    // Nobody asks for a revision here: the log is followed.
    another.tell(`issue again ${authority.revision}`);
    const [token] = (await another.hear()).split(" ");
    const until = Date.now() + 30_000;
    while (!authority.authenticate(token).allowed) {
      assert.ok(Date.now() < until);
      await pause(10);
    }
    assert.deepEqual(new Set((await alice.tokens()).map((one) => one.name)), new Set(["theirs", "ours", "again"]));
    await another.end();
    await authority.close();
  });

  check("the event loop runs while the server keeps a call waiting", async () => {
    const store = fresh();
    const { authority, alice } = await founded(store);
    const { token } = await alice.issue({ name: "reader", roles: ["Viewer"] });
    let done = false;
    const waiting = await locked(store, async () => {
      const change = alice.issue({ name: "waits" }).then((issued) => {
        done = true;
        return issued.name;
      });
      assert.ok(change instanceof Promise);
      // Each turn of this timer is one that a call that blocks would not give it.
      for (let turn = 0; turn < 20; turn++) {
        await pause(10);
        assert.equal(authority.authenticate(token).reason, "allowed");
        assert.equal(done, false);
      }
      return { change };
    });
    assert.equal(await waiting.change, "waits");
    await authority.close();
  });

  check("a server that keeps a change too long is busy", async () => {
    const store = fresh();
    const { authority } = await founded(store);
    const { revision } = authority;
    const late = "organization:late";
    await locked(store, () => assert.rejects(authority.createRealm(late), { code: "store_busy", name: "StoreError" }));
    assert.equal(authority.revision, revision);
    await authority.createRealm(late);
    await authority.close();
  });

  check("what cannot be opened is told apart", async () => {
    const refused = (store, code, place) =>
      assert.rejects(Authority.open(store), (error) => {
        assert.deepEqual([error.name, error.code, error.place], ["StoreError", code, place]);
        assert.doesNotMatch(`${error} ${error.stack}`, /horse/);
        return true;
      });
    sql("CREATE ROLE guarded LOGIN PASSWORD 'right-horse'; CREATE SCHEMA own AUTHORIZATION guarded");
    for (const user of ["guarded:wrong-horse", "guarded", "nobody_here"])
      await refused(address("own", { user }), "store_failed", "store.user");
    await (await Authority.open(address("own", { user: "guarded:right-horse" }))).close();

    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    await refused(`postgresql://owner@127.0.0.1:${await freePort()}/postgres`, "store_failed", "store");
    clearInterval(timer);
    assert.ok(ticks > 0, "opening waits aside");
    await refused(address("own", { database: "elsewhere" }), "log_missing", "store");

    sql("CREATE SCHEMA another; CREATE TABLE another.event (id int)");
    await refused(address("another"), "store_foreign", "store");

    const newer = address("newer");
    await (await Authority.open(newer)).close();
    sql("UPDATE newer.version SET version = version + 1");
    await refused(newer, "log_version", "store");
  });
});
