import { accessSync, constants, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join } from "node:path";
import { place } from "./places.mjs";

const KINDS = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const OPEN = /^\/(?:wasm|node|tests\/(?:js|runtimes)|\.build)\/(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/;

/** A Chromium on this machine: `$CHROMIUM`, or one of the names that packages give it. */
export function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env.CHROMIUM, ...places].filter(Boolean).find(isProgram);
}

/** Serves what a page needs of the repository on a free loopback port. */
export async function serveFiles() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    try {
      if (!OPEN.test(pathname)) throw new Error("not open");
      const bytes = readFileSync(place(pathname.slice(1)));
      response.writeHead(200, { "content-type": KINDS[extname(pathname)] ?? "application/octet-stream" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
