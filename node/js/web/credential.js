// Where a request's credential stands: in `Authorization`, or in the one other header that was configured. Never in the
// query string, which ends in logs.

/** No credential has this form: the core answers it as malformed, with the challenge that belongs to that. */
const MALFORMED = ",";
const AUTHORIZATION = "authorization";

/**
 * From the header lines as they came: Node joins some lines of the same name and drops others.
 *
 * @param {readonly string[]} lines names and values in turn
 * @param {string | undefined} header the other header, in lower case
 * @returns {string | undefined}
 */
export function credentialInLines(lines, header) {
  let credential;
  for (let index = 0; index < lines.length; index += 2) {
    const { length } = lines[index];
    if (length !== AUTHORIZATION.length && length !== header?.length) continue;
    const name = lines[index].toLowerCase();
    if (name !== AUTHORIZATION && name !== header) continue;
    if (credential !== undefined) return MALFORMED;
    credential = lines[index + 1];
  }
  return credential;
}

/**
 * From `Headers`, which join lines of the same name by a comma; no credential of ours has one, so the core refuses it.
 *
 * @param {Headers} headers
 * @param {string | undefined} header the other header, in lower case
 * @returns {string | null}
 */
export function credentialInHeaders(headers, header) {
  const usual = headers.get(AUTHORIZATION);
  if (header === undefined) return usual;
  const other = headers.get(header);
  return usual !== null && other !== null ? MALFORMED : (usual ?? other);
}
