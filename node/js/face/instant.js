// Instants are `Date` on the outside and whole seconds since 1970 in documents.

import { InputError } from "./error.js";

const { apply } = Reflect;
const getTime = Date.prototype.getTime;

/** Whether the value is a `Date`, of whatever realm (a worker's sandbox, a test runner's context). */
export function isDate(value) {
  try {
    apply(getTime, value, []);
    return true;
  } catch {
    return false;
  }
}

/** Whole seconds since 1970 of a `Date`, rounded down: a token never lives longer than was said. */
export function seconds(date, place) {
  const milliseconds = apply(getTime, date, []);
  if (Number.isNaN(milliseconds)) {
    throw new InputError("input", "instant_invalid", place, `${place}: the Date is invalid`);
  }
  return Math.floor(milliseconds / 1000);
}

/** The `Date` of whole seconds since 1970. */
export function date(instant) {
  return new Date(instant * 1000);
}
