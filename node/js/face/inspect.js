// What `console.log` shows of objects that keep their fields private.

/** Node, Deno and Bun call the method of this name; a well-known name, so that nothing need be imported. */
export const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** `Name { ... }` with the fields that `shown` holds. */
export function inspected(name, shown, options, inspect) {
  return typeof inspect === "function" ? `${name} ${inspect(shown, options)}` : `${name} ${JSON.stringify(shown)}`;
}
