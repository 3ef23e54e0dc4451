// A log in three tables of SQLite, wherever that is: a Durable Object, D1.
//
// The head says where the log begins and ends, and is written in the transaction that makes it true. So rows that vanish,
// at the end too, are missed, and a log whose tables are gone is told from one that is empty.

import { optionsOf } from "../dist/face/arguments.js";
import { failure, typeInvalid } from "../dist/face/error.js";
import { Registry } from "../dist/tokenward_bg.js";
import { refusal, refused } from "./instance.js";

const NAMES = ["tokenward_head", "tokenward_log", "tokenward_snapshot"];
/** Bytes of a snapshot in one row; D1 and Durable Objects take up to 2 MB. */
const PART = 1 << 20;

const FIND = `SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('${NAMES.join("', '")}')`;
const MAKE = [
  `CREATE TABLE tokenward_head (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), identity TEXT NOT NULL,
    revision INTEGER NOT NULL, floor INTEGER NOT NULL, snapshot INTEGER NOT NULL, parts INTEGER NOT NULL)`,
  "CREATE TABLE tokenward_log (revision INTEGER PRIMARY KEY, record TEXT NOT NULL)",
  "CREATE TABLE tokenward_snapshot (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
  "INSERT INTO tokenward_head VALUES (1, lower(hex(randomblob(16))), 0, 0, 0, 0)",
];
const HEAD = "SELECT identity, revision, floor, snapshot, parts FROM tokenward_head";
const READ = "SELECT revision, record FROM tokenward_log WHERE revision > ? ORDER BY revision";
const PARTS = "SELECT part, bytes FROM tokenward_snapshot ORDER BY part";
const APPEND = `INSERT INTO tokenward_log (revision, record)
  SELECT ?, ? WHERE EXISTS (SELECT 1 FROM tokenward_head WHERE revision = ?)`;
const ADVANCE = "UPDATE tokenward_head SET revision = ? WHERE revision = ? RETURNING revision";
const NEWER = "EXISTS (SELECT 1 FROM tokenward_head WHERE revision >= ?1 AND snapshot <= ?1)";
const FORGET = `DELETE FROM tokenward_snapshot WHERE ${NEWER}`;
const KEEP = `INSERT INTO tokenward_snapshot (part, bytes) SELECT ?2, ?3 WHERE ${NEWER}`;
const KEPT = `UPDATE tokenward_head SET snapshot = ?1, parts = ?2 WHERE revision >= ?1 AND snapshot <= ?1
  RETURNING snapshot`;
const DROP = "DELETE FROM tokenward_log WHERE revision <= (SELECT min(?, snapshot) FROM tokenward_head)";
const RAISE = "UPDATE tokenward_head SET floor = max(floor, min(?, snapshot)) RETURNING floor";

export class SqlStore {
  #run;
  #create;
  #ready = false;
  /** The last revision that this handle has seen: it never goes behind it. */
  #seen = 0;
  /** Of the log that this handle has seen: another one in its place is not gone on with. */
  #identity = null;

  /**
   * @param {(statements: [text: string, ...values: unknown[]][]) => Promise<object[][]>} run runs statements as one
   *   transaction and gives the rows of each
   */
  constructor(run, options) {
    const { create = true } = optionsOf(options, ["create"]);
    if (typeof create !== "boolean") throw typeInvalid("create", "true or false");
    this.#run = run;
    this.#create = create;
  }

  async identity() {
    const [heads] = await this.#transaction([[HEAD]]);
    return this.#headOf(heads).identity;
  }

  async read(after) {
    const [heads, rows] = await this.#transaction([[HEAD], [READ, after]]);
    const { revision, floor } = this.#headOf(heads);
    if (after < floor) throw refusedAs("log_missing", "after");
    rows.forEach((row, index) => {
      if (row.revision !== after + 1 + index) throw damaged(after + 1 + index);
    });
    if (after + rows.length !== revision) throw damaged(Math.min(after + rows.length, revision) + 1);
    return rows.map(({ record }) => record);
  }

  async append(expected, records) {
    const inserts = records.map((record, index) => [APPEND, expected + 1 + index, record, expected]);
    const reached = expected + records.length;
    const outcomes = await this.#transaction([...inserts, [ADVANCE, reached, expected]]);
    if (outcomes.at(-1).length === 0) return false;
    this.#seen = Math.max(this.#seen, reached);
    return true;
  }

  async snapshot() {
    const [heads, parts] = await this.#transaction([[HEAD], [PARTS]]);
    const head = this.#headOf(heads);
    if (parts.length !== head.parts) throw refusedAs("snapshot_invalid", "snapshot");
    return head.parts === 0 ? null : { revision: head.snapshot, bytes: joined(parts) };
  }

  async writeSnapshot({ revision, bytes }) {
    const parts = [];
    for (let at = 0; at < bytes.length; at += PART) parts.push(bytes.slice(at, at + PART));
    const kept = parts.map((part, index) => [KEEP, revision, index, part.buffer]);
    const outcomes = await this.#transaction([[FORGET, revision], ...kept, [KEPT, revision, parts.length], [HEAD]]);
    const { revision: end } = this.#headOf(outcomes.at(-1));
    if (revision > end) throw refusedAs("snapshot_invalid", "snapshot.revision");
    if (outcomes.at(-2).length === 0) throw refusedAs("snapshot_older", "snapshot.revision");
  }

  async compact(keepAfter) {
    const snapshot = await this.snapshot();
    if (snapshot === null || snapshot.revision < keepAfter) throw refusedAs("snapshot_older", "keep_after");
    check(snapshot);
    await this.#transaction([
      [DROP, keepAfter],
      [RAISE, keepAfter],
    ]);
  }

  /** Runs statements; before the first ones it sees to the tables. */
  async #transaction(statements) {
    if (!this.#ready) {
      const [tables] = await this.#run([[FIND]]);
      if (tables.length === 0) await this.#make();
      else if (tables.length < NAMES.length) throw damaged(0);
      // Once there was a log, this handle makes no other in its place.
      this.#create = false;
      this.#ready = true;
    }
    return this.#run(statements);
  }

  async #make() {
    if (!this.#create) throw refusedAs("log_missing", "store");
    try {
      await this.#run(MAKE.map((statement) => [statement]));
    } catch (error) {
      // Unless somebody else was faster.
      const [tables] = await this.#run([[FIND]]);
      if (tables.length < NAMES.length) throw error;
    }
  }

  #headOf(rows) {
    const [head] = rows;
    if (rows.length !== 1 || head.revision < this.#seen) throw damaged(this.#seen);
    if (head.identity !== (this.#identity ?? head.identity)) throw damaged(0);
    if (!(0 <= head.floor && head.floor <= head.snapshot && head.snapshot <= head.revision)) throw damaged(0);
    this.#seen = head.revision;
    this.#identity = head.identity;
    return head;
  }
}

/** A snapshot that does not load stands for nothing. */
export function check({ revision, bytes }) {
  let loaded;
  try {
    loaded = Registry.load(bytes);
  } catch (thrown) {
    const [, category, code, place, message] = refused(thrown);
    throw failure(category, code, place, message);
  }
  const found = loaded.revision();
  loaded.free();
  if (found !== revision) throw refusedAs("snapshot_invalid", "snapshot.revision");
}

/** The error of a code that was found on this side. */
export function refusedAs(code, place) {
  const [, category, , , message] = refusal(code, place);
  return failure(category, code, place, message);
}

const damaged = (revision) => refusedAs("log_damaged", `log[${revision}]`);

/** The bytes of rows. Durable Objects give buffers, D1 lists of numbers. */
function joined(parts) {
  const pieces = parts.map(({ bytes }) => new Uint8Array(bytes));
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
