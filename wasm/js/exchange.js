// The room in the module's memory that a request passes through. Its views are kept from call to call and made anew when
// the memory has grown, which leaves them without length.

import * as glue from "../dist/tokenward_bg.js";

/** Texts shorter than this are copied faster in a loop. */
const SHORT = 24;
const ABSENT = -1;

/** `encodeInto` is quick in Node and Bun and slow where it crosses into the embedder: Deno, workerd, browsers. */
const { process, Deno, Bun } = globalThis;
const ENCODES = Bun !== undefined || (process?.release?.name === "node" && Deno === undefined);
const encoder = new TextEncoder();

export class Exchange {
  #layout;
  #memory;

  constructor(layout) {
    this.#layout = layout;
    this.#memory = glue.linear_memory();
    this.#view();
  }

  /** Makes the views anew if the memory has grown. */
  refresh() {
    if (this.id.byteLength === 0) this.#view();
  }

  /** Leaves a text, and answers how many bytes it has; what does not fit is cut, and too long for the core all the same. */
  write(text, field) {
    if (text === undefined || text === null) return ABSENT;
    const { length } = text;
    if (length <= field.length && (length < SHORT || !ENCODES)) {
      let seen = 0;
      for (let index = 0; index < length; index++) {
        const unit = text.charCodeAt(index);
        field[index] = unit;
        seen |= unit;
      }
      if (seen < 0x80) return length;
    }
    return encoder.encodeInto(text, field).written;
  }

  /** Leaves texts in the place of the resource, each ended by a NUL; -1 when they do not fit or hold a NUL themselves. */
  writeList(texts) {
    const field = this.resource;
    let at = 0;
    for (const text of texts) {
      if (at + text.length >= field.length) return ABSENT;
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit === 0 || unit >= 0x80) return ABSENT;
        field[at++] = unit;
      }
      field[at++] = 0;
    }
    return at;
  }

  #view() {
    const { buffer } = this.#memory;
    const bytes = (index) => new Uint8Array(buffer, this.#layout[2 * index], this.#layout[2 * index + 1]);
    this.revision = new Float64Array(buffer, this.#layout[0], 1);
    this.id = new Int32Array(buffer, this.#layout[2], 3);
    this.credential = bytes(2);
    this.permission = bytes(3);
    this.resource = bytes(4);
    this.path = bytes(5);
  }
}
