// What stands behind the face in this package: the native addon.

import { createRequire } from "node:module";
import { reasonTable } from "./js/face/decision.js";
import { typeInvalid } from "./js/face/error.js";

const addon = createRequire(import.meta.url)("./dist/tokenward.node");
const reasons = reasonTable(addon.reasons());
const { isArray } = Array;

/** The version of the addon, which is the version of the core in it. */
export const version = addon.version;

/** The outcome of reading what another system exported. */
export const readExport = addon.readExport;

export async function open(store, policy, replacePolicy, clock, maxAge, keepChanges, keepDays) {
  if (typeof store !== "string") throw typeInvalid("store", "text");
  const handle = await addon.open(store, policy, replacePolicy, clock, maxAge, keepChanges, keepDays);
  if (isArray(handle)) return handle;
  return {
    ...requests(handle),
    call: (operation, text) => handle.call(operation, text),
    openSession: (operation, text) => openSession(handle, operation, text),
    refresh: (revision, timeout) => handle.refresh(revision, timeout),
    snapshot: (realm) => handle.snapshot(realm),
    events: (after, realm) => handle.events(after, realm),
    publish: (folder, realm) => handle.publish(folder, realm),
    nextPublication: (latest, realm) => handle.nextPublication(latest, realm),
    observe: (tell) => handle.observe(tell),
    close: () => handle.close(),
  };
}

export function load(snapshot, maxAge, clock) {
  const handle = addon.load(snapshot, maxAge, clock);
  if (isArray(handle)) return handle;
  return { ...requests(handle), apply: (events) => handle.apply(events) };
}

async function openSession(handle, operation, text) {
  const session = await handle.openSession(operation, text);
  if (isArray(session)) return session;
  const { realm, principal } = session;
  return { realm, principal, call: (name, given) => session.call(name, given) };
}

/** What authorities and verifiers have in common. The addon leaves revision and token id of its last answer in cells. */
function requests(handle) {
  const cells = new Float64Array(new ArrayBuffer(24));
  const { authorize, authorizeMany, authenticate } = handle.callbacks(cells);
  return {
    reasons,
    revisionCell: cells,
    idCell: new Int32Array(cells.buffer, 8, 3),
    authorize,
    authorizeMany,
    authenticate,
    guard(permission, template) {
      const guard = handle.guard(permission, template, cells);
      if (isArray(guard)) return guard;
      const { parameters, authorize, authorizeNamed } = guard;
      return {
        parameters,
        authorize,
        authorizeWith: (credential, path, values) => {
          switch (values.length) {
            case 1:
              return authorize(credential, path, values[0]);
            case 2:
              return authorize(credential, path, values[0], values[1]);
            default:
              return authorize(credential, path, ...values);
          }
        },
        authorizeNamed: (credential, path, pairs) => authorizeNamed(credential, path, ...pairs),
      };
    },
    answer: (operation, text) => handle.answer(operation, text),
    details: (code, revision, first, second, third) => handle.details(code, revision, first, second, third),
    revision: () => handle.revision(),
    age: () => handle.age(),
    setClock: (seconds) => handle.setClock(seconds),
  };
}
