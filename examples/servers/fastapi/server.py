"""FastAPI over a SQLite store; its page at /docs has the security scheme, and clients revoke their tokens."""

import os
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Security
from fastapi.responses import PlainTextResponse
from tokenward import Authority
from tokenward.fastapi import Principal, Tokens

authority = Authority.open("sqlite:tokens.db")
tokens = Tokens(authority, realm="organization:acme")

app = FastAPI(title="Projects")
tokens.install(app)
app.include_router(tokens.router(revoke=True), prefix="/oauth")

Caller = Annotated[Principal, Security(tokens.authenticate)]
ReadProject = Annotated[Principal, Security(tokens.require("project-read", "organization:acme/project:{name}"))]


@app.get("/health", response_class=PlainTextResponse)
def health() -> str:
    """Say that the server is there."""
    return "ok"


@app.get("/me")
def me(caller: Caller) -> dict[str, Any]:
    """Say who asks."""
    return {"principal": caller.name, "owner": caller.owner}


@app.get("/projects/{name}")
def project(name: str, reader: ReadProject) -> dict[str, str]:
    """Give a project to whoever may read it."""
    return {"project": name, "reader": reader.name}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
