// How the operations of vectors are called in JavaScript, and how results are spelled in vectors: snake_case names,
// instants as whole seconds.

/** Positional arguments by operation; what else a vector gives goes into the options object. */
const AUTHORITY = {
  create_realm: ["realm"],
  realms: [],
  login: ["realm", "user", "password"],
  login_with_token: ["realm", "token"],
  session: ["realm", "principal"],
  system: ["realm"],
  authenticate: ["credential"],
  authorize: ["credential", "permission", "resource"],
  authorize_many: ["requests"],
  guard: ["permission", "template"],
  introspect: ["token"],
  explain: ["credential", "permission", "resource"],
  audit: [],
  lint: ["patterns"],
  scan_pattern: [],
  policy: [],
  refresh: [],
  close: [],
};

const SESSION = {
  issue: [],
  issue_for: ["resource"],
  import_tokens: ["tokens"],
  rotate: ["token"],
  tokens: [],
  token: ["token"],
  revoke: ["token"],
  disable: ["token"],
  enable: ["token"],
  create_role: ["name"],
  update_role: ["name"],
  delete_role: ["name"],
  roles: [],
  bind: ["role"],
  unbind: ["binding"],
  bindings: [],
  add_user: ["user"],
  set_password: ["user", "password"],
  delete_user: ["user"],
  users: [],
  settings: [],
  update_settings: [],
  can: ["permission", "resource"],
  can_many: ["checks"],
  who_can: ["permission", "resource"],
  create_resource: ["resource"],
  delete_resource: ["resource"],
};

const INSTANTS = ["expires_at", "created_at", "last_used"];

/** Answers that are documents: their names are those of the core already. */
const DOCUMENTS = new Set(["introspect", "policy"]);

export const callAuthority = (target, operation, given) => call(target, operation, AUTHORITY[operation], given);
export const callSession = (target, operation, given) => call(target, operation, SESSION[operation], given);

async function call(target, operation, positional, given) {
  if (!positional) throw new Error(`unknown operation ${operation}`);
  const options = {};
  for (const [name, value] of Object.entries(given)) {
    if (!positional.includes(name)) options[camelCase(name)] = asOption(name, value);
  }
  const values = positional.map((name) => (Object.hasOwn(given, name) ? given[name] : undefined));
  if (operation === "import_tokens") values[0] = values[0]?.map(asRow);
  if (Object.keys(options).length > 0) values.push(options);
  return target[camelCase(operation)](...values);
}

/** The result of an operation as vectors spell it. */
export function spelled(operation, result) {
  return DOCUMENTS.has(operation) ? result : snakeCased(result);
}

/** A row of an import with the names and the instants that JavaScript gives it. */
function asRow(row) {
  if (typeof row !== "object") return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), asOption(name, value)]));
}

function asOption(name, value) {
  if (INSTANTS.includes(name) && Number.isSafeInteger(value)) return new Date(value * 1000);
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [camelCase(key), field]));
}

function snakeCased(value) {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (value instanceof Date) return value.getTime() / 1000;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(Object.hasOwn(Object.getPrototypeOf(value) ?? {}, "toJSON") ? value.toJSON() : value);
  const result = Object.fromEntries(fields.map(([key, field]) => [snakeCase(key), snakeCased(field)]));
  if ("clientSecret" in value) Object.assign(result, { client_secret: value.clientSecret, token: value.token });
  return result;
}

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
