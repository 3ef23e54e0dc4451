// The site as it was built, served on a free loopback port.

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { place } from "../runtimes/places.mjs";

const KINDS = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

export const folder = place(".build/site");

/** The files of the site, as paths within it. */
export function files() {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Serves the site. Only what is among its files is answered. */
export async function serve() {
  const known = new Set(files());
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://127.0.0.1").pathname).slice(1);
    if (!known.has(path)) return response.writeHead(404).end();
    const headers = { "content-type": KINDS[extname(path)] ?? "application/octet-stream" };
    return response.writeHead(200, headers).end(readFileSync(join(folder, path)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
