import { tokens } from "../../../tokens.js";

export const GET = tokens.require(
  "project-read",
  "organization:acme/project:{name}",
  async (_request, { params, auth }) => Response.json({ project: (await params).name, reader: auth.principal }),
);
