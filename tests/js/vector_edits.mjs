// The edits of placeholders such as `{t1.token|upper}`: what a vector does to a token before it is presented.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * @param {string} text
 * @param {string} edit a name, `:` and an argument where it takes one
 * @param {(alias: string) => { token: string }} saved
 * @returns {Promise<string>}
 */
export async function edited(text, edit, saved) {
  const [name, argument] = split(edit);
  const apply = EDITS[name];
  if (!apply) throw new Error(`unknown edit ${name}`);
  return apply(text, argument, saved);
}

const EDITS = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  swapcase_secret: (text) => text.slice(0, -38) + swapped(text.slice(-38, -6)) + text.slice(-6),
  drop_last: (text) => text.slice(0, -1),
  drop_first: (text) => text.slice(1),
  double: (text) => text + text,
  repeat: (text, times) => text.repeat(Number(times)),
  flip: (text, index) => flipped(text, Number(index)),
  checksum: (text) => summed(text.slice(0, -6)),
  join: (text, other, saved) => summed(text.slice(0, -38) + saved(other).token.slice(-38, -6)),
  prefix: (text) => text.slice(0, -51),
  id: (text) => text.slice(-50, -38),
  secret: (text) => text.slice(-38, -6),
  check: (text) => text.slice(-6),
  base64: (text) => btoa(text),
  sha256hex: async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
};

function split(edit) {
  const colon = edit.indexOf(":");
  return colon < 0 ? [edit, ""] : [edit.slice(0, colon), edit.slice(colon + 1)];
}

function swapped(text) {
  return text.replace(/[a-zA-Z]/g, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
}

function flipped(text, index) {
  const at = index < 0 ? text.length + index : index;
  const next = ALPHABET[(ALPHABET.indexOf(text[at]) + 1) % ALPHABET.length];
  return text.slice(0, at) + next + text.slice(at + 1);
}

/** A text and the checksum of it: CRC-32 (IEEE) as six digits of base 62, the most significant first. */
function summed(text) {
  let sum = crc32(text);
  let digits = "";
  for (let place = 0; place < 6; place++) {
    digits = ALPHABET[sum % 62] + digits;
    sum = Math.floor(sum / 62);
  }
  return text + digits;
}

function crc32(text) {
  let sum = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
