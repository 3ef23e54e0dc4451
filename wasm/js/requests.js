// Deciding requests from a registry in the module: what an authority and a verifier have in common.

import { reasonTable } from "../dist/face/decision.js";
import * as glue from "../dist/tokenward_bg.js";
import { Exchange } from "./exchange.js";
import { assertAlive, outcomeOf, refusal, refused } from "./instance.js";

/** Items in one call of `authorizeMany`. */
const BATCH = 10_000;

/** What a code says above its low bits of a request whose permission was not looked up. */
const NO_PERMISSION = 0xffff00;

const none = [];
let table;

/** Names and values in turn, of values that have a name by their order. */
const paired = ({ parameters }, values) => values.flatMap((value, index) => [parameters[index], value]);

/** The reasons in the order of their numbers, asked for once and not before something is opened. */
function reasons() {
  table ??= reasonTable(glue.reasons());
  return table;
}

export class Requests {
  #registry;
  #exchange;
  #clock;
  #maxAge;
  #asOf;
  #heard;
  /** By how much a fixed clock was put forward, all in all. */
  #forward = 0;
  #closed = false;

  constructor(registry, clock, maxAge = Number.POSITIVE_INFINITY) {
    this.#registry = registry;
    this.#exchange = new Exchange(registry.layout());
    this.#clock = clock;
    this.#maxAge = maxAge;
    this.reasons = reasons();
    this.confirm(this.moment());
  }

  /** One reading of the clock, and of what has passed whatever the clock says. */
  moment() {
    return { now: this.now(), passed: this.#passed() };
  }

  /** Says that the registry was the newest at a moment: the one before its source was asked. */
  confirm({ now, passed }) {
    this.#asOf = now;
    this.#heard = passed;
  }

  /** Seconds since the registry was known to be the newest. */
  age() {
    return Math.max(0, this.now() - this.#asOf, this.#passed() - this.#heard);
  }

  /** Seconds that have passed, which setting the clock does not change; a fixed one lets time pass when put forward. */
  #passed() {
    return this.#clock === undefined ? Math.floor(performance.now() / 1000) : this.#forward;
  }

  /** Whether everything is refused because the registry is not known to be new enough. */
  isStale() {
    return this.#refusal(this.now()) === "stale";
  }

  get revisionCell() {
    return this.#exchange.revision;
  }

  get idCell() {
    return this.#exchange.id;
  }

  /** Seconds since 1970. */
  now() {
    return this.#clock ?? Math.floor(Date.now() / 1000);
  }

  setClock(seconds) {
    this.#forward += Math.max(0, (seconds ?? 0) - (this.#clock ?? seconds ?? 0));
    this.#clock = seconds;
  }

  revision() {
    assertAlive();
    return this.#registry.revision();
  }

  authorize(credential, permission, resource, path) {
    assertAlive();
    const exchange = this.#exchange;
    exchange.refresh();
    const now = this.now();
    const reason = this.#refusal(now);
    if (reason !== null) return this.#without(reason);
    try {
      return this.#registry.authorize(
        now,
        exchange.write(credential, exchange.credential),
        exchange.write(permission, exchange.permission),
        exchange.write(resource, exchange.resource),
        exchange.write(path, exchange.path),
      );
    } catch (thrown) {
      return refused(thrown);
    } finally {
      exchange.refresh();
    }
  }

  authorizeMany(texts) {
    if (texts.length > 4 * BATCH) return refusal("too_many", "requests");
    const answers = new Float64Array((texts.length / 4) * 5);
    for (let from = 0, to = 0; from < texts.length; from += 4, to += 5) {
      answers[to] = this.authorize(texts[from], texts[from + 1], texts[from + 2], texts[from + 3]);
      answers[to + 1] = this.revisionCell[0];
      answers.set(this.idCell, to + 2);
    }
    return answers;
  }

  authenticate(credential, realm, path) {
    assertAlive();
    const exchange = this.#exchange;
    exchange.refresh();
    const now = this.now();
    const reason = this.#refusal(now);
    if (reason !== null) return this.#without(reason);
    try {
      const length = exchange.write(credential, exchange.credential);
      return this.#registry.authenticate(
        now,
        length,
        exchange.write(realm, exchange.resource),
        exchange.write(path, exchange.path),
      );
    } catch (thrown) {
      return refused(thrown);
    } finally {
      exchange.refresh();
    }
  }

  guard(permission, template) {
    assertAlive();
    if (this.#closed) return refusal("closed");
    try {
      const guard = this.#registry.guard(permission, template);
      return {
        parameters: guard.parameters,
        authorize: (credential, path) => this.#enforce(guard, credential, path, none, null),
        authorizeWith: (credential, path, values) => this.#enforce(guard, credential, path, values, null),
        authorizeNamed: (credential, path, pairs) => this.#enforce(guard, credential, path, none, pairs),
      };
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** With the values of the template's parameters in order, or with names and values in turn. */
  #enforce(guard, credential, path, values, pairs) {
    assertAlive();
    const exchange = this.#exchange;
    exchange.refresh();
    const now = this.now();
    const reason = this.#refusal(now);
    if (reason !== null) return this.#without(reason);
    try {
      const secret = exchange.write(credential, exchange.credential);
      const target = exchange.write(path, exchange.path);
      const length = pairs === null ? exchange.writeList(values) : -1;
      const code =
        length >= 0
          ? this.#registry.enforce(guard, now, secret, target, length)
          : this.#registry.enforce_named(guard, now, secret, target, pairs ?? paired(guard, values));
      return code === 0 ? outcomeOf(this.#registry.refusal()) : code;
    } catch (thrown) {
      return refused(thrown);
    } finally {
      exchange.refresh();
    }
  }

  answer(operation, text) {
    assertAlive();
    const now = this.now();
    const reason = this.#refusal(now);
    if (reason !== null) return refusal(reason === "stale" ? "stale" : "closed");
    try {
      return this.#registry.ask(operation, text, now);
    } catch (thrown) {
      return refused(thrown);
    }
  }

  details(code, revision, first, second, third) {
    assertAlive();
    try {
      return this.#registry.details(code, revision, first, second, third);
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** From now on every request is answered that there is nothing to decide with. */
  shut() {
    this.#closed = true;
  }

  /**
   * Why nothing may be decided now, or null. A clock that went back by more than the bound says nothing about the age, nor
   * does one that did so and has come back to where it was: hence what has passed.
   */
  #refusal(now) {
    if (this.#closed) return "unavailable";
    if (this.#maxAge === Number.POSITIVE_INFINITY) return null;
    const old = Math.abs(now - this.#asOf) > this.#maxAge || this.#passed() - this.#heard > this.#maxAge;
    return old ? "stale" : null;
  }

  /** The code of a decision that no token had a part in. */
  #without(reason) {
    this.#exchange.revision[0] = this.revision();
    return NO_PERMISSION | this.reasons.findIndex((row) => row?.reason === reason);
  }
}
