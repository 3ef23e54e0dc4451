// A replica that is kept up to date from where an authority publishes: on request, and in the background of a request.
//
// In Workers a request may end at any time, and what it began ends with it. So a request waits for nothing that another one
// has begun: it looks whether that has come to something, and after a while does it itself.

import { optionsOf } from "../dist/face/arguments.js";
import { TokenwardError, typeInvalid } from "../dist/face/error.js";
import { clockOf, Registry as Face } from "../dist/face/registry.js";
import { checkCount, checkText } from "../dist/face/request.js";
import { Publication, Registry } from "../dist/tokenward_bg.js";
import { storeFailed } from "./authority.js";
import { assertAlive, refused } from "./instance.js";
import { Requests } from "./requests.js";
import { refusedAs } from "./sql_store.js";

const OPTIONS = ["maxAgeSeconds", "refreshSeconds", "store", "realm", "clock", "onError"];
/** Seconds between two looks at the source where nothing is said. */
const REFRESH = 5;
/** Milliseconds after which a pull that was begun is believed to have ended with its request. */
const PATIENCE = 10_000;
const PAUSE = 10;
const LATEST = "latest";

export class Replica {
  #options;
  #port = null;
  #face = null;
  /** Of what is published: whose it is, and the ETag of what was taken over last. */
  #store;
  #realm;
  #etag = null;
  /** The pull that is under way: when it began. */
  #pulling = null;
  /** When the source was asked last, in milliseconds, and what came of it. */
  #asked = Number.NEGATIVE_INFINITY;
  #fault = null;

  constructor(options) {
    const { maxAgeSeconds, refreshSeconds = REFRESH, store, realm, clock, onError } = optionsOf(options, OPTIONS);
    checkCount(maxAgeSeconds, "max_age_seconds");
    checkCount(refreshSeconds, "refresh_seconds");
    if (store !== undefined) checkText(store, "store");
    if (realm !== undefined) checkText(realm, "realm");
    if (onError !== undefined && typeof onError !== "function") throw typeInvalid("on_error", "a function");
    this.#options = { maxAgeSeconds, refreshMilliseconds: refreshSeconds * 1000, clock: clockOf(clock), onError };
    this.#store = store;
    this.#realm = realm;
  }

  async pull(source, context) {
    if (typeof source?.get !== "function") throw typeInvalid("source", "an object with get");
    if (!this.#isUsable()) {
      await this.#settle(source);
    } else if (!this.#isBusy() && this.#isDue()) {
      const pulled = this.#pull(source).catch(() => undefined);
      context?.waitUntil?.(pulled);
    }
    if (this.#face === null) throw this.#fault;
    return this.#face;
  }

  #isUsable() {
    return this.#port !== null && !this.#port.isStale();
  }

  #isBusy() {
    return this.#pulling !== null && Math.abs(Date.now() - this.#pulling.since) < PATIENCE;
  }

  #isDue() {
    return Math.abs(Date.now() - this.#asked) >= this.#options.refreshMilliseconds;
  }

  /** Where nothing can be decided, not yet or not any more, a pull is worth waiting for. */
  async #settle(source) {
    while (this.#isBusy()) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (this.#isUsable()) return;
    }
    // What failed a moment ago is not tried for each request.
    if (this.#fault === null || this.#isDue()) await this.#pull(source).catch(() => undefined);
  }

  async #pull(source) {
    const pulling = { since: Date.now() };
    this.#pulling = pulling;
    this.#asked = pulling.since;
    try {
      await this.#take(source).catch((error) => {
        // What the document names may have been deleted meanwhile: then there is a newer one.
        if (error.code === "publication_missing" && error.place !== LATEST) return this.#take(source);
        throw error;
      });
      this.#fault = null;
    } catch (error) {
      this.#fault = error;
      this.#options.onError?.(error);
      throw error;
    } finally {
      if (this.#pulling === pulling) this.#pulling = null;
    }
  }

  /** Takes over what is published. Only when all of it is there and sound does anything change. */
  async #take(source) {
    const found = await fetched(source, LATEST, this.#etag);
    // The one that was taken over: its age is told in it, and grows.
    if (found.bytes === null) return;
    const publication = own(() => Publication.read(new TextDecoder().decode(found.bytes)));
    try {
      const store = this.#store ?? publication.store();
      const realm = this.#port === null ? (this.#realm ?? publication.realm()) : this.#realm;
      own(() => publication.check_source(store, realm));
      await this.#follow(source, publication);
      this.#store = store;
      this.#realm = realm;
      this.#etag = found.etag;
    } finally {
      publication.free();
    }
  }

  async #follow(source, publication) {
    const before = this.#port?.revision() ?? -1;
    if (publication.revision() < before) throw refusedAs("snapshot_older", LATEST);
    try {
      this.#advance(publication, await parts(source, publication, before));
    } catch (error) {
      // Deltas that are gone, or do not lead on from here: then the snapshot does.
      if (before < 0 || !(error instanceof TokenwardError) || error.code === "store_failed") throw error;
      this.#advance(publication, await parts(source, publication, -1));
    }
  }

  #advance(publication, { snapshot, deltas }) {
    const revision = publication.revision();
    if (this.#port === null) {
      const registry = own(() => Registry.load(snapshot));
      own(() => registry.advance(undefined, deltas, revision));
      const { clock, maxAgeSeconds } = this.#options;
      this.#port = new ReplicaPort(registry, clock, maxAgeSeconds);
      this.#face = new Face(this.#port);
    } else {
      // Another pull may have been faster.
      if (revision < this.#port.revision()) throw refusedAs("snapshot_older", LATEST);
      this.#port.advance(snapshot, deltas, revision);
    }
    this.#port.date(publication.published_at(), revision);
  }
}

class ReplicaPort extends Requests {
  #registry;
  /** The revision whose date counts, and that date. */
  #dated = -1;
  #publishedAt = Number.NEGATIVE_INFINITY;

  constructor(registry, clock, maxAge) {
    super(registry, clock, maxAge);
    this.#registry = registry;
  }

  advance(snapshot, deltas, revision) {
    if (snapshot === undefined && deltas.length === 0) return;
    own(() => this.#registry.advance(snapshot, deltas, revision));
  }

  /** Counts the age from when the revision was published last. */
  date(publishedAt, revision) {
    const { now, passed } = this.moment();
    if (revision === this.#dated) {
      // Said again: nothing is younger for it. Said earlier, and held back by a cache: neither. But a date that is still to
      // come was told by a clock that was wrong.
      if (publishedAt === this.#publishedAt) return;
      if (publishedAt < this.#publishedAt && this.#publishedAt <= now) return;
    }
    this.#dated = revision;
    this.#publishedAt = publishedAt;
    this.confirm({ now: publishedAt, passed: passed - Math.max(0, now - publishedAt) });
  }
}

/** What a replica at a revision needs, whole and checked; at -1: one that has nothing yet. */
async function parts(source, publication, revision) {
  const names = publication.parts_after(revision);
  const contents = await Promise.all(
    names.map(async (name) => {
      const { bytes } = await fetched(source, name, null, publication.length(name));
      own(() => publication.check(name, bytes ?? new Uint8Array()));
      return bytes;
    }),
  );
  const snapshot = names[0]?.startsWith("snapshot-") ? contents.shift() : undefined;
  return { snapshot, deltas: contents.map((bytes) => new TextDecoder().decode(bytes)) };
}

async function fetched(source, name, etag, length) {
  let found;
  try {
    found = await source.get(name, etag, length);
  } catch (cause) {
    throw storeFailed(cause);
  }
  if (found === null) throw refusedAs("publication_missing", name);
  const { bytes } = found;
  return { etag: found.etag ?? null, bytes: bytes === null ? null : new Uint8Array(bytes) };
}

/** A call of the module. */
function own(call) {
  assertAlive();
  try {
    return call();
  } catch (thrown) {
    const [, , code, place] = refused(thrown);
    throw refusedAs(code, place);
  }
}
