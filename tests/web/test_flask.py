"""What Flask has beside the table: applications made late, several of them, blueprints, classes, its debugger."""

from __future__ import annotations

from typing import Any

import pytest
import servers
from flask import Blueprint, Flask
from flask.views import MethodView
from tokenward import Authority, InputError, Verifier
from tokenward.flask import Tokens, g
from werkzeug.debug import DebuggedApplication
from wire import APP, GROUPS, World, ask

ITEM = "organization:acme/project:site/item:{item}"


@pytest.fixture
def world() -> Any:
    world = World()
    world.take(GROUPS[0]["steps"])
    with world.authority:
        yield world


def bearer(world: World, name: str) -> list[list[str]]:
    return [["Authorization", f"Bearer {world.saved[name].token}"]]


def test_what_is_wrong_is_told_at_start_up(world: World) -> None:
    wrong = [
        ("item-raed", ITEM, "permission_unknown"),
        ("item-read", "organization:acme", "kind_mismatch"),
        ("item-read", "organization:{org", "guard_template_invalid"),
    ]
    for permission, resource, code in wrong:
        tokens = Tokens()
        tokens.require(permission, resource)  # nobody knows yet
        app = Flask(__name__)
        with pytest.raises(InputError) as caught:
            tokens.init_app(app, world.authority)
        assert caught.value.code == code
        tokens = Tokens()
        tokens.init_app(app, world.authority)
        with pytest.raises(InputError) as caught:
            tokens.require(permission, resource)
        assert caught.value.code == code
    tokens = Tokens()
    tokens.require("organization-read")
    with pytest.raises(ValueError, match="needs a resource"):
        tokens.init_app(Flask(__name__), world.authority)
    with pytest.raises(ValueError, match="header is a name"):
        Tokens().init_app(Flask(__name__), world.authority, header="Authorization")


def test_a_verifier_decides_and_cannot_revoke(world: World) -> None:
    verifier = Verifier.load(world.authority.snapshot())
    app, tokens = Flask(__name__), Tokens()
    tokens.init_app(app, verifier)
    with pytest.raises(TypeError, match="cannot revoke"):
        tokens.blueprint(revoke=True)
    tokens = Tokens()
    tokens.blueprint(revoke=True)
    with pytest.raises(TypeError, match="cannot revoke"):
        tokens.init_app(Flask(__name__), verifier)


def test_what_was_refused_leaves_the_others_as_they_were(world: World) -> None:
    app = Flask(__name__)
    tokens = Tokens()
    tokens.init_app(app, world.authority, realm=APP["realm"])
    with pytest.raises(InputError):
        tokens.require("item-raed", ITEM)
    app.add_url_rule("/items/<item>", view_func=tokens.require("item-read", ITEM)(item_of))
    with servers.wsgi(app) as port:
        assert ask(port, "GET", "/items/7", bearer(world, "scoped")).status == 200
        assert ask(port, "GET", "/items/8", bearer(world, "scoped")).status == 403


def item_of(item: str) -> str:
    return f"{g.principal} {item}"


def test_an_application_without_tokens_lets_nobody_in(world: World) -> None:
    app = Flask(__name__)
    app.add_url_rule("/items/<item>", view_func=Tokens().require("item-read", ITEM)(item_of))
    with servers.wsgi(app) as port:
        reply = ask(port, "GET", "/items/7", bearer(world, "reader"))
    assert reply.status == 500
    assert b"token:" not in reply.body


def test_one_extension_serves_two_applications(world: World) -> None:
    tokens = Tokens()
    view = tokens.require("organization-read")(lambda: str(g.principal))
    first, second = Flask("first"), Flask("second")
    for app, realm in ((first, "organization:acme"), (second, "organization:other")):
        app.add_url_rule("/", "root", view)
        tokens.init_app(app, world.authority, realm=realm)
    with servers.wsgi(first) as port:
        assert ask(port, "GET", "/", bearer(world, "admin")).status == 200
    with servers.wsgi(second) as port:
        assert ask(port, "GET", "/", bearer(world, "admin")).status == 401
    with Authority.open("memory:", "default") as other:
        third = Flask("third")
        tokens.init_app(third, other, realm="organization:acme")
        third.add_url_rule("/", "root", view)
        with servers.wsgi(third) as port:
            assert ask(port, "GET", "/", bearer(world, "admin")).status == 401


def test_two_extensions_in_one_application(world: World) -> None:
    app = Flask(__name__)
    for realm in ("acme", "other"):
        tokens = Tokens()
        tokens.init_app(app, world.authority, realm=f"organization:{realm}")
        app.add_url_rule(f"/{realm}", realm, tokens.authenticate(lambda: str(g.principal)))
    with servers.wsgi(app) as port:
        assert ask(port, "GET", "/acme", bearer(world, "reader")).body == b"token:reader"
        assert ask(port, "GET", "/other", bearer(world, "reader")).status == 401
        assert ask(port, "GET", "/other", bearer(world, "foreign")).body == b"token:foreign"


def test_a_blueprint_is_protected_alone(world: World) -> None:
    app, inner, tokens = Flask(__name__), Blueprint("inner", __name__), Tokens()
    tokens.init_app(app, world.authority, realm=APP["realm"])
    inner.before_request(tokens.protect)
    inner.add_url_rule("/who", "who", lambda: str(g.principal))
    app.register_blueprint(inner, url_prefix="/inner")
    app.add_url_rule("/open", "open", lambda: "open")
    with servers.wsgi(app) as port:
        assert ask(port, "GET", "/open", []).status == 200
        assert ask(port, "GET", "/inner/who", []).status == 401
        assert ask(port, "GET", "/inner/who", bearer(world, "bare")).body == b"token:bare"


def test_classes_converters_and_methods(world: World) -> None:
    tokens = Tokens()

    class Item(MethodView):
        decorators = [tokens.require("item-read", ITEM)]  # noqa: RUF012

        def get(self, item: int) -> str:
            return f"{g.principal} {item + 1}"

    app = Flask(__name__)
    tokens.init_app(app, world.authority, realm=APP["realm"])
    app.add_url_rule("/items/<int:item>", view_func=Item.as_view("item"))
    with servers.wsgi(app) as port:
        # The resource is the one that the view acts on.
        assert ask(port, "GET", "/items/007", bearer(world, "scoped")).body == b"token:scoped 8"
        assert ask(port, "GET", "/items/8", bearer(world, "scoped")).status == 403
        head = ask(port, "HEAD", "/items/8", bearer(world, "scoped"))
        assert (head.status, head.body, head.headers["content-type"]) == (403, b"", "application/problem+json")
        assert ask(port, "OPTIONS", "/items/8", []).status == 200


@pytest.mark.parametrize("debug", [False, True])
def test_a_view_that_fails_shows_no_secret(
    world: World, debug: bool, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    app, tokens = Flask(__name__), Tokens()
    tokens.init_app(app, world.authority, realm=APP["realm"], header=APP["header"])
    # A mistake of the application: the route has no such variable.
    app.add_url_rule("/items/<name>", view_func=tokens.require("item-read", ITEM)(item_of))
    app.debug = debug
    reader = world.saved["reader"]
    with servers.wsgi(DebuggedApplication(app, evalex=False) if debug else app) as port:
        replies = [ask(port, "GET", "/items/7", bearer(world, "reader"))]
        replies.append(ask(port, "GET", "/items/7", [["X-API-Key", reader.token]]))
    for reply in replies:
        assert reply.status == 500
        assert (b"guard_parameter_missing" in reply.body) is debug
    written = caplog.text + "".join(capfd.readouterr())
    assert "parameter of the resource template" in written
    shown = f"{[(reply.headers, reply.body) for reply in replies]}{written}"
    secret = reader.client_secret
    assert [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in shown] == []


def test_a_long_form_is_not_read(world: World) -> None:
    app, tokens = Flask(__name__), Tokens()
    tokens.init_app(app, world.authority, realm=APP["realm"])
    app.register_blueprint(tokens.blueprint(introspect="organization-token-read"))
    form = [["Content-Type", "application/x-www-form-urlencoded"], *bearer(world, "admin")]
    with servers.wsgi(app) as port:
        assert ask(port, "POST", "/introspect", form, b"token=" + b"a" * 4090).body == b'{"active": false}'
        assert ask(port, "POST", "/introspect", form, b"token=" + b"a" * 100_000).status == 400
        assert ask(port, "POST", "/revoke", form, b"token=a").status == 404
