import { fileURLToPath } from "node:url";

/** The top of the repository. */
export const root = new URL("../../", import.meta.url);

/** A file of the repository, as a path. */
export const place = (path) => fileURLToPath(new URL(path, root));

/** A program that npm installed. */
export const program = (name) => place(`tests/node_modules/.bin/${name}`);

/** The current Node, from npm; the system's own may be older. */
export const currentNode = place("tests/node_modules/node/bin/node");
