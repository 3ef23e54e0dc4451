// Whether a result is what a vector expects.

/**
 * The first difference, as a sentence, or `null`. Objects compare as subsets, lists exactly.
 *
 * @param {unknown} actual
 * @param {unknown} expected may hold `$absent`, `$any`, `$set`, `$length`, `$matches`
 * @param {string} place
 * @returns {string | null}
 */
export function difference(actual, expected, place = "value") {
  if (Array.isArray(expected)) return listDifference(actual, expected, place);
  if (typeof expected !== "object" || expected === null) {
    return Object.is(actual, expected) ? null : differs(place, actual, JSON.stringify(expected));
  }
  const operator = Object.keys(expected).find((key) => key.startsWith("$"));
  if (operator) return operatorDifference(operator, actual, expected[operator], place);
  if (typeof actual !== "object" || actual === null) return differs(place, actual, "an object");
  for (const [key, value] of Object.entries(expected)) {
    const found = difference(Object.hasOwn(actual, key) ? actual[key] : undefined, value, `${place}.${key}`);
    if (found) return found;
  }
  return null;
}

function listDifference(actual, expected, place) {
  if (!Array.isArray(actual)) return differs(place, actual, "a list");
  if (actual.length !== expected.length)
    return `${place} has ${actual.length} items, expected ${expected.length}: ${shown(actual)}`;
  for (let index = 0; index < expected.length; index++) {
    const found = difference(actual[index], expected[index], `${place}[${index}]`);
    if (found) return found;
  }
  return null;
}

function operatorDifference(operator, actual, operand, place) {
  const nothing = actual === undefined || actual === null;
  switch (operator) {
    case "$absent":
      return nothing ? null : differs(place, actual, "nothing");
    case "$any":
      return nothing ? differs(place, actual, "anything") : null;
    case "$length":
      return actual?.length === operand ? null : `${place} has length ${actual?.length}, expected ${operand}`;
    case "$matches":
      return typeof actual === "string" && new RegExp(operand).test(actual)
        ? null
        : differs(place, actual, `a match of ${operand}`);
    case "$set":
      return setDifference(actual, operand, place);
    default:
      return `${place}: unknown operator ${operator}`;
  }
}

function setDifference(actual, expected, place) {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return differs(place, actual, `the set ${JSON.stringify(expected)}`);
  const left = [...actual];
  for (const item of expected) {
    const index = left.findIndex((candidate) => difference(candidate, item) === null);
    if (index < 0) return `${place} lacks ${JSON.stringify(item)}: ${shown(actual)}`;
    left.splice(index, 1);
  }
  return null;
}

const differs = (place, actual, expected) => `${place} is ${shown(actual)}, expected ${expected}`;

function shown(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}
