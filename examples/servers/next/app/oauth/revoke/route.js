import { tokens } from "../../../tokens.js";

export const POST = tokens.revocation();
