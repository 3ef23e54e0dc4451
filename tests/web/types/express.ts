// Compiled and never run: what a strict program may and may not write.

import express from "express";
import { Authority, Verifier } from "tokenward";
import { type Principal, RequestDenied, tokenward } from "tokenward/express";

export async function application(snapshot: Uint8Array): Promise<express.Express> {
  const authority = await Authority.open("memory:");
  const tokens = tokenward(authority, { realm: "organization:acme", header: "X-API-Key" });
  tokenward(Verifier.load(snapshot), { onDenied: "throw" });

  const app = express();
  app.use(tokens.authenticate());
  app.get(
    "/organizations/:org/databases/:db",
    tokens.require("db-read", "organization:{org}/database:{db}"),
    (req, res) => {
      const { org, db }: { org: string; db: string } = req.params;
      const principal: Principal | undefined = req.auth;
      // @ts-expect-error nobody has been asked for a token, as far as the types know
      req.auth.principal;
      // @ts-expect-error a principal cannot be changed
      if (principal) principal.realm = "organization:other";
      res.json({ org, db, who: req.auth?.principal });
    },
  );
  app.all("/oauth/introspect", tokens.require("organization-token-read"), tokens.introspection());
  app.all("/oauth/revoke", tokens.revocation());

  const problems: express.ErrorRequestHandler = (error, _req, res, next) => {
    if (!(error instanceof RequestDenied)) return next(error);
    const status: 400 | 401 | 403 | 503 = error.status;
    console.warn(error.reason satisfies string);
    res.status(status).set(error.headers).send(error.body);
  };
  app.use(problems);

  // @ts-expect-error an authority is needed
  tokenward();
  // @ts-expect-error not one of the two
  tokenward(authority, { onDenied: "ignore" });
  // @ts-expect-error a permission is needed
  tokens.require();
  return app;
}
