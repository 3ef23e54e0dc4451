import { Authority } from "tokenward";
import { tokenward } from "tokenward/next";

// Opened with the first request, since a build imports this too; once for the process, however often this is bundled.
export const tokens = tokenward(
  () => {
    globalThis.authority ??= Authority.open("sqlite:tokens.db");
    return globalThis.authority;
  },
  { realm: "organization:acme" },
);
