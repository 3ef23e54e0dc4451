// Compiled and never run: what a strict program may and may not write.

import { type NextRequest, NextResponse } from "next/server.js";
import { Authority } from "tokenward";
import { type Principal, tokenward } from "tokenward/next";

let opened: Promise<Authority> | undefined;
const tokens = tokenward(() => {
  opened ??= Authority.open("sqlite:tokens.db");
  return opened;
});

export const GET = tokens.require("db-read", "organization:{org}/database:{db}", async (request, { params, auth }) => {
  const { org, db } = await params;
  const address: URL = request.nextUrl;
  const principal: Principal = auth;
  // @ts-expect-error the template has no such parameter
  (await params).table;
  return NextResponse.json({ org, db, who: principal.principal, path: address.pathname });
});

export const POST = tokens.require<string, { org: string; db: string; table: string }>(
  "table-read",
  "organization:{org}/database:{db}/table:{table}",
  async (_request, { params }) => new Response((await params).table),
);

// What Next.js asks of an exported handler of /organizations/[org]/databases/[db].
GET satisfies (request: NextRequest, context: { params: Promise<{ org: string; db: string }> }) => Promise<Response>;
// @ts-expect-error the route does not have all parameters
GET satisfies (request: NextRequest, context: { params: Promise<{ org: string }> }) => Promise<Response>;

export const proxy = tokens.proxy();
