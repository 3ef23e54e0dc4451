"""The app of the table in Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, request
from tokenward.flask import Tokens, g
from wire import APP

from . import described

if TYPE_CHECKING:
    from tokenward import Authority


def build(authority: Authority, *, protected: bool) -> Flask:
    tokens = Tokens()
    app = Flask(__name__, static_folder=None)
    early = APP["routes"][:3]
    for route in early:
        _add(app, tokens, route)
    tokens.init_app(app, authority, realm=APP["realm"], header=APP["header"], public=APP["public"])
    for route in APP["routes"][3:]:
        _add(app, tokens, route)
    blueprint = tokens.blueprint(introspect=APP["introspect"]["permission"], revoke=True)
    app.register_blueprint(blueprint, url_prefix="/oauth")
    if protected:
        app.before_request(tokens.protect)
    return app


def _add(app: Flask, tokens: Tokens, route: dict[str, Any]) -> None:
    path = route["route"].replace("{path*}", "<path:path>").replace("{item}", "<item>")
    name = f"{route['method']} {route['route']}".replace(".", "")
    app.add_url_rule(path, name, _view(tokens, route), methods=[route["method"]])


def _view(tokens: Tokens, route: dict[str, Any]) -> Any:
    def healthy() -> dict[str, Any]:
        assert not hasattr(g, "principal")
        return {}

    async def answer(**params: str) -> dict[str, str | None]:
        assert params == request.view_args
        return described(g.principal)

    def synchronous(**params: str) -> dict[str, str | None]:
        assert params == request.view_args
        return described(g.principal)

    if route.get("public"):
        return healthy
    if "permission" not in route:
        return tokens.authenticate(synchronous)
    return tokens.require(route["permission"], route.get("resource"))(
        answer if route["method"] == "POST" else synchronous
    )
