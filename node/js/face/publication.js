// Where an authority publishes to: what keeps bytes under names.

import { typeInvalid } from "./error.js";

const VERBS = ["get", "put", "delete"];

export function checkTarget(target) {
  const isTarget = typeof target === "object" && target !== null;
  if (!isTarget || VERBS.some((verb) => typeof target[verb] !== "function")) {
    throw typeInvalid("target", "an object with get, put and delete, or in Node.js the path of a folder");
  }
}

/** What a target gave: nothing, text, bytes, or an object that bytes can be had of, as buckets give. */
export async function bytesIn(given) {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "string") return new TextEncoder().encode(given);
  if (typeof given.arrayBuffer === "function") return new Uint8Array(await given.arrayBuffer());
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (given instanceof ArrayBuffer) return new Uint8Array(given);
  throw typeInvalid("target.get", "text, bytes, or an object with arrayBuffer");
}
