import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { embed } from "./embed.mjs";
import { place } from "./places.mjs";

const SECONDS = Number(process.env.TOKENWARD_RUNTIME_SECONDS ?? 120);

/** What a launcher ends with when its runtime is not on this machine. */
export const SKIPPED = 77;

/**
 * Has a runtime do its work, prints the outcome and ends this process: 0 passed, 1 failed, 77 no such runtime here.
 *
 * @param {string} runtime
 * @param {(given: { runtime: string, folder: string }) => Promise<{ passed: boolean, text: string } | { skipped: string }>} work
 */
export async function launch(runtime, work) {
  const late = setTimeout(() => end(1, `FAIL ${runtime}: no outcome after ${SECONDS} s`), SECONDS * 1000);
  try {
    embed();
    const folder = place(`.build/runtimes/${runtime.replaceAll(" ", "-")}`);
    mkdirSync(folder, { recursive: true });
    const { passed, text, skipped } = await work({ runtime, folder });
    end(skipped ? SKIPPED : passed ? 0 : 1, skipped ? `skipped: ${skipped}` : text);
  } catch (error) {
    end(1, `FAIL ${runtime}: ${error?.stack ?? error}`);
  } finally {
    clearTimeout(late);
  }
}

const children = new Set();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Starts a program that ends with this process at the latest. */
export function start(command, words, options = {}) {
  const child = spawn(command, words, options);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Runs `program.mjs` in a runtime that is a program of its own. */
export async function perform(command, words, face, runtime) {
  const quiet = { DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" };
  const child = start(command, [...words, place("tests/runtimes/program.mjs"), face, runtime], {
    env: { ...process.env, ...quiet },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return { passed: code === 0, text: text.trimEnd() };
}

function end(code, text) {
  process.stdout.write(`${text}\n`, () => process.exit(code));
}
