"""The app of the table in FastAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Security
from tokenward.fastapi import Principal, TokenMiddleware, Tokens
from wire import APP

from . import described

if TYPE_CHECKING:
    from tokenward import Authority


def build(authority: Authority, *, protected: bool) -> FastAPI:
    tokens = Tokens(authority, realm=APP["realm"], header=APP["header"], public=APP["public"])
    app = FastAPI()
    tokens.install(app)
    for route in APP["routes"]:
        path = route["route"].replace("{path*}", "{path:path}")
        app.add_api_route(path, _endpoint(tokens, route), methods=[route["method"]])
    app.include_router(tokens.router(introspect=APP["introspect"]["permission"], revoke=True), prefix="/oauth")
    if protected:
        app.add_middleware(TokenMiddleware, tokens=tokens)
    return app


def _endpoint(tokens: Tokens, route: dict[str, Any]) -> Any:
    def healthy() -> dict[str, Any]:
        return {}

    if route.get("public"):
        return healthy
    if "permission" in route:
        dependency = Security(tokens.require(route["permission"], route.get("resource")))
    else:
        dependency = Security(tokens.authenticate)

    async def answer(principal: Principal = dependency) -> dict[str, str | None]:
        return described(principal)

    def synchronous(principal: Principal = dependency) -> dict[str, str | None]:
        return described(principal)

    return synchronous if route["method"] == "POST" else answer
