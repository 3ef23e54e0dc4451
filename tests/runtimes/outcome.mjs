import { vectors } from "../../.build/vectors.js";
import { run } from "../js/vectors.mjs";

/**
 * Runs the vectors inside a runtime and counts by itself how many there are: a runner that loses some does not pass.
 *
 * @returns {Promise<{ passed: boolean, text: string }>}
 */
export async function outcome(api, face, runtime) {
  const lines = [];
  let total = 0;
  for (const [file, { vectors: rows }] of Object.entries(vectors)) {
    for (const { name, skip } of rows) {
      if (skip?.[face]) lines.push(`skipped: ${file} ${name}: ${skip[face]}`);
      else total += 1;
    }
  }
  let ran = 0;
  let failed = 0;
  try {
    const result = await run({ api, vectors, face, log: (line) => lines.push(line) });
    ({ ran, failed } = result);
    lines.push(...result.lines);
  } catch (error) {
    failed += 1;
    lines.push(`FAIL ${error?.stack ?? error}`);
  }
  if (failed > 0) lines.push(`failed: ${failed}`);
  lines.push(`vectors: ${ran} of ${total} run (${face} in ${runtime})`);
  return { passed: failed === 0 && ran === total && total > 0, text: lines.join("\n") };
}
