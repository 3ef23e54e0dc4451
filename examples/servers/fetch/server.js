// Only verifies, from a folder that an authority publishes and a web server hands out. Deno, Bun and others call `fetch`.

import process from "node:process";
import { httpSource, Replica } from "tokenward-wasm";
import { tokenward } from "tokenward-wasm/fetch";

const source = httpSource(process.env.TOKENS_URL ?? "http://127.0.0.1:8000/");
const replica = new Replica({ maxAgeSeconds: 3600, onError: console.error });
// As long as nothing was ever pulled there is nobody to ask, which is answered 503; `onError` was told why.
const tokens = tokenward(() => replica.pull(source).catch(() => null), { realm: "organization:acme" });

const nameIn = (request) => ({ name: new URL(request.url).pathname.slice("/projects/".length) });
const me = tokens.authenticate((_request, auth) => Response.json(auth));
const project = tokens.require(
  "project-read",
  "organization:acme/project:{name}",
  (request, auth) => Response.json({ project: nameIn(request).name, reader: auth.principal }),
  nameIn,
);

export default {
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 3000),
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response("ok");
    if (pathname === "/me") return me(request);
    if (/^\/projects\/[^/]+$/.test(pathname)) return project(request);
    return new Response(null, { status: 404 });
  },
};
