// Hooks: told of each decision and each change, in the way of neither.

import { optionsOf } from "./arguments.js";
import { knowsPermission } from "./decision.js";
import { typeInvalid } from "./error.js";

const { freeze } = Object;
const PLACES = { onDecision: "on_decision", onChange: "on_change" };

/** Who observes the decisions of a registry and its guards. */
export class Observers {
  #hooks = [];
  /** Whether there is anybody: all that the request path looks at. It is false while hooks run, too. */
  listening = false;

  add(hook) {
    this.#hooks.push(hook);
    this.listening = true;
  }

  /** Decides, and tells of it. A permission that nobody knows is not passed on: it may be anything. */
  decide(permission, decide) {
    const began = performance.now();
    const decision = decide();
    this.tell(decision, permission, performance.now() - began);
    return decision;
  }

  tell(decision, permission, milliseconds) {
    const { reason, allowed, status, realm, tokenId, principal, revision } = decision;
    const known = knowsPermission(decision) ? permission : null;
    const durationNs = Math.max(0, Math.round(milliseconds * 1e6));
    const fields = { reason, allowed, status, permission: known, realm, tokenId, principal, revision, durationNs };
    const observation = freeze(fields);
    // What a hook asks for is not told, or there would be no end to it.
    this.listening = false;
    for (const hook of this.#hooks) call(hook, observation);
    this.listening = true;
  }
}

/** The hooks that are given, each a function or absent. */
export function hooksOf(hooks, names) {
  const given = optionsOf(hooks, names);
  for (const name of names) {
    if (given[name] !== undefined && typeof given[name] !== "function") throw typeInvalid(PLACES[name], "a function");
  }
  return given;
}

/** Calls a hook. What it throws, or a Promise of it rejects with, is told to the console and changes nothing. */
export function call(hook, event) {
  try {
    const given = hook(event);
    if (typeof given?.then === "function") given.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  console.error("tokenward: a hook failed:", error);
}
