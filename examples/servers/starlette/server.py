"""Starlette over a SQLite store: nothing is open but what is said to be public, and clients revoke their tokens."""

import os

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from tokenward import Authority
from tokenward.starlette import TokenMiddleware, Tokens, principal_of

authority = Authority.open("sqlite:tokens.db")
tokens = Tokens(authority, realm="organization:acme", public=["/health", "/oauth/revoke"])


async def health(_: Request) -> PlainTextResponse:
    """Say that the server is there; it is public, see above."""
    return PlainTextResponse("ok")


async def me(request: Request) -> JSONResponse:
    """Say who asks."""
    caller = principal_of(request)
    return JSONResponse({"principal": caller.name, "owner": caller.owner})


@tokens.require("project-read", "organization:acme/project:{name}")
async def project(request: Request) -> JSONResponse:
    """Give a project to whoever may read it."""
    return JSONResponse({"project": request.path_params["name"], "reader": principal_of(request).name})


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/me", me),
        Route("/projects/{name}", project),
        Mount("/oauth", routes=tokens.routes(revoke=True)),
    ]
)
app.add_middleware(TokenMiddleware, tokens=tokens)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
