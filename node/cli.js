#!/usr/bin/env node
// The command line: `npx tokenward`.

import { createRequire } from "node:module";

const { runCommand } = createRequire(import.meta.url)("./dist/tokenward.node");

process.exitCode = runCommand(process.argv.slice(2));
