"""Flask over a SQLite store: views take live tokens only, and clients revoke their tokens."""

import os
from typing import Any

import waitress
from flask import Blueprint, Flask
from tokenward import Authority
from tokenward.flask import Tokens, g

tokens = Tokens()
views = Blueprint("views", __name__)


@views.get("/health")
def health() -> str:
    """Say that the server is there; it is public, see below."""
    return "ok"


@views.get("/me")
def me() -> dict[str, Any]:
    """Say who asks."""
    return {"principal": g.principal.name, "owner": g.principal.owner}


@views.get("/projects/<name>")
@tokens.require("project-read", "organization:acme/project:{name}")
def project(name: str) -> dict[str, str]:
    """Give a project to whoever may read it."""
    return {"project": name, "reader": g.principal.name}


def create_app() -> Flask:
    """Make the application."""
    app = Flask(__name__)
    tokens.init_app(
        app, Authority.open("sqlite:tokens.db"), realm="organization:acme", public=["/health", "/oauth/revoke"]
    )
    app.before_request(tokens.protect)  # nothing without a live token but what is public
    app.register_blueprint(views)
    app.register_blueprint(tokens.blueprint(revoke=True), url_prefix="/oauth")
    return app


if __name__ == "__main__":
    server = waitress.create_server(create_app(), host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()
