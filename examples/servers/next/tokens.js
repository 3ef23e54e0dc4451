import { Authority } from "tokenward";
import { tokenward } from "tokenward/next";

// Opened with the first request, since a build imports this too.
let opened;

export const tokens = tokenward(
  () => {
    opened ??= Authority.open("sqlite:tokens.db");
    return opened;
  },
  { realm: "organization:acme" },
);
