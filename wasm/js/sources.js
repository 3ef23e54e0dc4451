// Where replicas fetch what an authority publishes. A source gives the bytes of a name and their ETag; no bytes where they
// are still those of the ETag given; null where nothing is.

import { optionsOf } from "../dist/face/arguments.js";
import { typeInvalid } from "../dist/face/error.js";

/** Bytes of a document, at most. */
const DOCUMENT = 1 << 20;
/** Milliseconds that an HTTP source may take. */
const PATIENCE = 10_000;

export function kvSource(namespace, options) {
  if (typeof namespace?.get !== "function") throw typeInvalid("namespace", "a KV namespace");
  const { prefix = "", cacheTtl } = optionsOf(options, ["prefix", "cacheTtl"]);
  const how = cacheTtl === undefined ? { type: "arrayBuffer" } : { type: "arrayBuffer", cacheTtl };
  return {
    async get(name) {
      const bytes = await namespace.get(prefix + name, how);
      return bytes === null ? null : { bytes, etag: null };
    },
  };
}

export function r2Source(bucket, options) {
  if (typeof bucket?.get !== "function") throw typeInvalid("bucket", "an R2 bucket");
  const { prefix = "" } = optionsOf(options, ["prefix"]);
  return {
    async get(name, etag) {
      const object = await bucket.get(prefix + name, etag === null ? {} : { onlyIf: { etagDoesNotMatch: etag } });
      if (object === null) return null;
      // A condition that does not hold leaves the object without a body.
      const bytes = object.body === undefined ? null : await object.arrayBuffer();
      return { bytes, etag: object.etag };
    },
  };
}

export function httpSource(url, options) {
  const { headers = {}, fetch = globalThis.fetch } = optionsOf(options, ["headers", "fetch"]);
  if (typeof fetch !== "function") throw typeInvalid("fetch", "a function");
  const base = new URL(`${url}`);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return {
    async get(name, etag, length = DOCUMENT) {
      const condition = etag === null ? {} : { "if-none-match": etag };
      const response = await fetch(new URL(name, base).href, {
        headers: { ...headers, ...condition },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.status === 304 && etag !== null) return { bytes: null, etag };
      if (response.ok) return { bytes: await bytesOf(response, length), etag: response.headers.get("etag") };
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return null;
      throw new Error(`the source answered ${response.status}`);
    },
  };
}

/** The bytes of a response, unless they are more. */
async function bytesOf(response, most) {
  const pieces = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new Error("the source answered more than was published");
    }
    pieces.push(value);
  }
  return new Blob(pieces).arrayBuffer();
}
