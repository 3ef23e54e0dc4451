// Reading what other systems export of their tokens.

import { readExport as read } from "../native.js";
import { argumentsText } from "./face/arguments.js";
import { typeInvalid } from "./face/error.js";
import { resultOf } from "./face/results.js";

export function readExport(system, text, options) {
  if (typeof system !== "string") throw typeInvalid("system", "text");
  if (typeof text !== "string") throw typeInvalid("text", "text");
  return resultOf(read(system, text, argumentsText({}, options)));
}
