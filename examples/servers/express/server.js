import process from "node:process";
import express from "express";
import { Authority } from "tokenward";
import { tokenward } from "tokenward/express";

const authority = await Authority.open("sqlite:tokens.db");
const tokens = tokenward(authority, { realm: "organization:acme" });

const app = express();
app.get("/health", (_req, res) => res.send("ok"));
app.all("/oauth/revoke", tokens.revocation());

app.use(tokens.authenticate()); // what follows takes live tokens only, on the paths that they were issued for
app.get("/me", (req, res) => res.json(req.auth));
app.get("/projects/:name", tokens.require("project-read", "organization:acme/project:{name}"), (req, res) => {
  res.json({ project: req.params.name, reader: req.auth.principal });
});

const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
