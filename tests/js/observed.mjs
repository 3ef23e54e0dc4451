// What tests of observing share.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** Waits until something is so. */
export async function eventually(happens) {
  const end = Date.now() + 60_000;
  while (!(await happens())) {
    assert.ok(Date.now() < end, String(happens));
    await pause(2);
  }
}

/** Whether a text holds eight characters in a row of a secret. */
export function leaks(text, secret) {
  for (let index = 0; index + 8 <= secret.length; index++) {
    if (text.includes(secret.slice(index, index + 8))) return true;
  }
  return false;
}
