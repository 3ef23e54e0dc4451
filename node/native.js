// What stands behind the face in this package: the native addon of this platform, or the WASM module where none fits.

import { createRequire } from "node:module";
import process from "node:process";
import { reasonTable } from "./js/face/decision.js";
import { typeInvalid } from "./js/face/error.js";

const require = createRequire(import.meta.url);
const { platform, arch } = process;
const { isArray } = Array;

// Installed is what fits, where the package manager knows the C library; else the first one that loads is it.
const packages = platform === "linux" ? [`linux-${arch}-gnu`, `linux-${arch}-musl`] : [`${platform}-${arch}`];
const addon = firstOf(["./dist/tokenward.node", ...packages.map((name) => `@tokenward/${name}`)]);

/** What decides: `native`, or `wasm`. */
export const engine = addon === undefined ? "wasm" : "native";

const port = addon === undefined ? module() : native(addon);

/** The version of the addon, which is the version of the core in it. */
export const version = port.version;

/** The outcome of reading what another system exported. */
export const readExport = port.readExport;

/** Runs the command line and answers its exit status. */
export const runCommand = port.runCommand;

export const open = port.open;
export const load = port.load;

function firstOf(names) {
  for (const name of names) {
    try {
      return require(name);
    } catch {
      // Not installed, or built for another C library.
    }
  }
  return undefined;
}

/** The module has no stores but those that JavaScript brings, and knows nothing of files. */
function module() {
  const { version, open, load } = require("./fallback/entry.js");
  const lacking = `no native addon is installed for ${platform}-${arch}`;
  return {
    version,
    open: async (store, opening) =>
      typeof store === "string" && store !== "memory:"
        ? ["error", "input", "store_unknown", "store", `${lacking}: a store is memory: or an object of your own`]
        : open(store, opening),
    load,
    readExport: () => ["error", "input", "operation_unknown", "", `${lacking}: exports are read elsewhere`],
    runCommand: () => {
      console.error(`error[operation_unknown]: ${lacking}\nhint: use the command of the Python package or of cargo`);
      return 2;
    },
  };
}

function native(addon) {
  const reasons = reasonTable(addon.reasons());

  async function open(store, opening) {
    if (typeof store !== "string") throw typeInvalid("store", "text");
    const handle = await addon.open(store, opening);
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

  function load(snapshot, maxAge, clock) {
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

  const { version, readExport, runCommand } = addon;
  return { version, readExport, runCommand, open, load };
}
