import { tokens } from "../../tokens.js";

export const GET = tokens.authenticate((_request, { auth }) => Response.json(auth));
