// A client that puts on the wire what it is given, byte by byte.

import { connect } from "node:net";

const SECONDS = 10;

/**
 * @param {number} port on loopback
 * @param {{ method?: string, target: string, headers?: [string, string][], form?: [string, string][], body?: string }} request
 *   whose characters are bytes
 * @returns {Promise<{ status: number, headers: Map<string, string>, body: string }>}
 */
export async function ask(port, { method = "GET", target, headers = [], form, body }) {
  const lines = [`${method} ${target} HTTP/1.1`, "Connection: close"];
  if (!headers.some(([name]) => name === "Host")) lines.push(`Host: 127.0.0.1:${port}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const content = form === undefined ? body : new URLSearchParams(form).toString();
  if (form !== undefined) lines.push("Content-Type: application/x-www-form-urlencoded");
  if (content !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(content, "latin1")}`);
  return parsed(await exchange(port, Buffer.from(`${lines.join("\r\n")}\r\n\r\n${content ?? ""}`, "latin1")));
}

function exchange(port, bytes) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect({ port, host: "127.0.0.1" });
    socket.setTimeout(SECONDS * 1000, () => socket.destroy(new Error(`no answer after ${SECONDS} s`)));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      // Some servers keep the connection for a while, whatever they were asked.
      if (complete(Buffer.concat(chunks))) socket.end();
    });
    // A server that refuses a request may reset the connection behind its answer.
    socket.on("error", (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    socket.write(bytes);
  });
}

function complete(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = bytes.subarray(0, end).toString("latin1");
  const length = /^content-length: *(\d+)/im.exec(head);
  if (length !== null) return bytes.length >= end + 4 + Number(length[1]);
  return /^transfer-encoding: *chunked/im.test(head) && bytes.subarray(-5).toString("latin1") === "0\r\n\r\n";
}

function parsed(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  const [first, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = new Map();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const body = bytes.subarray(end + 4);
  const whole = headers.get("transfer-encoding")?.toLowerCase() === "chunked" ? unchunked(body) : body;
  return { status: Number(first.split(" ")[1]), headers, body: whole.toString() };
}

function unchunked(body) {
  const parts = [];
  for (let at = 0; ; ) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.subarray(at, end).toString("latin1"), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + size + 4;
  }
}
