// The path that is decided on: that of the request target, as it came and undecoded. The core reads it.

/** Scheme, authority, and then the path up to the query. A `Host` header that a client made up does not reach the path. */
const ADDRESS = /^https?:\/\/[0-9A-Za-z.:_~%[\]-]+(\/[^?]*)/;

/**
 * The path of a web-standard request. It is cut out of the address, not parsed: what a server left as it came is judged as
 * it came, and what it resolved already (`..`) is the path that its router acts on.
 *
 * @param {string} url
 * @returns {string} empty, which is refused, where the address has another form
 */
export function pathOfUrl(url) {
  return ADDRESS.exec(url)?.[1] ?? "";
}
