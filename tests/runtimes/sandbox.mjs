// Runs in a sandbox that takes one script.
import * as api from "tokenward-wasm";
import { outcome } from "./outcome.mjs";

export const result = (runtime) => outcome(api, "wasm", runtime);
