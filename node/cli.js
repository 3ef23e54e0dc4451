#!/usr/bin/env node
// The command line: `npx tokenward`.

import process from "node:process";
import { runCommand } from "./native.js";

process.exitCode = runCommand(process.argv.slice(2));
