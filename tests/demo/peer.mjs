// A process that answers lines with lines, and a worker that answers HTTP requests: asked the same way.

import { createInterface } from "node:readline";
import { start } from "../runtimes/launch.mjs";

/** Decisions of one measurement inside the worker, and measurements of which the best counts. */
const CALLS = 2000;
const ROUNDS = 7;

/**
 * Starts a program that takes one JSON document a line and answers each with another.
 *
 * @param {(text: string) => void} tell takes what the program says before it is ready
 */
export async function startPeer(command, words, tell) {
  const child = start(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  const gone = new Promise((_, reject) => {
    child.once("error", reject).once("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
  });
  gone.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await Promise.race([lines.next(), gone]);
    return done ? gone : JSON.parse(value);
  };
  const ask = (document) => {
    child.stdin.write(`${JSON.stringify(document)}\n`);
    return next();
  };
  let first = await next();
  for (; first.ready === undefined; first = await next()) tell(first.told);
  return {
    ready: first,
    ask,
    decide: (credential, path, timed) => ask({ credential, path, timed }),
    stop: () => child.stdin.end(),
  };
}

/** Asks a worker by HTTP. What one decision takes is the difference that many more of them make, taken out here. */
export function workerPeer(url) {
  const request = async (credential, path, again) => {
    const headers = { authorization: credential, "x-demo-again": String(again) };
    const began = performance.now();
    const response = await fetch(`${url}${path}`, { method: "PUT", headers });
    await response.arrayBuffer();
    const reason = response.headers.get("x-demo-reason");
    if (reason === null) throw new Error(`the worker answered ${response.status}`);
    return { allowed: response.ok, reason, status: response.status, milliseconds: performance.now() - began };
  };
  return {
    async decide(credential, path, timed) {
      const answer = await request(credential, path, 0);
      if (!timed) return answer;
      const few = [];
      const many = [];
      for (let round = 0; round < ROUNDS; round++) {
        few.push((await request(credential, path, 0)).milliseconds);
        many.push((await request(credential, path, CALLS)).milliseconds);
      }
      const http = Math.min(...few) * 1e6;
      return { ...answer, nanoseconds: Math.max(0, (Math.min(...many) * 1e6 - http) / CALLS), http };
    },
  };
}
