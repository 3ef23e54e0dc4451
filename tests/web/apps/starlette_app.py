"""The app of the table in Starlette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from tokenward.starlette import TokenMiddleware, Tokens, principal_of
from wire import APP

from . import described

if TYPE_CHECKING:
    from starlette.requests import Request
    from tokenward import Authority


def build(authority: Authority, *, protected: bool) -> Starlette:
    tokens = Tokens(authority, realm=APP["realm"], header=APP["header"], public=APP["public"])
    mount = Mount("/oauth", routes=tokens.routes(introspect=APP["introspect"]["permission"], revoke=True))
    app = Starlette(routes=[*(_route(tokens, route) for route in APP["routes"]), mount])
    if protected:
        app.add_middleware(TokenMiddleware, tokens=tokens)
    return app


def _route(tokens: Tokens, route: dict[str, Any]) -> Route:
    path = route["route"].replace("{path*}", "{path:path}")
    return Route(path, _endpoint(tokens, route), methods=[route["method"]])


def _endpoint(tokens: Tokens, route: dict[str, Any]) -> Any:
    async def healthy(_: Request) -> JSONResponse:
        return JSONResponse({})

    async def answer(request: Request) -> JSONResponse:
        assert request.state.principal is principal_of(request)
        return JSONResponse(described(principal_of(request)))

    def synchronous(request: Request) -> JSONResponse:
        return JSONResponse(described(principal_of(request)))

    if route.get("public"):
        return healthy
    if "permission" not in route:
        return tokens.authenticate(answer)
    return tokens.require(route["permission"], route.get("resource"))(
        synchronous if route["method"] == "POST" else answer
    )
