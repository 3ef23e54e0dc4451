"""What FastAPI has beside the table: its document, its own form of refusals, dependencies for a whole application."""

from typing import Annotated, Any

import pytest
import servers
from fastapi import FastAPI, Security
from tokenward import InputError
from tokenward.fastapi import Principal, Tokens
from wire import APP, GROUPS, TABLE, World, ask

ITEM = "organization:acme/project:site/item:{item}"


@pytest.fixture
def world() -> Any:
    world = World()
    world.take(GROUPS[0]["steps"])
    with world.authority:
        yield world


def app_of(tokens: Tokens, **given: Any) -> FastAPI:
    app = FastAPI(**given)
    reader = Annotated[Principal, Security(tokens.require("item-read", ITEM))]

    @app.get("/items/{item}", responses=tokens.responses)
    def item(item: str, principal: reader) -> str:
        return f"{principal} {item}"

    @app.get("/open")
    def everybody() -> str:
        return "open"

    return app


def test_the_document_shows_the_schemes_and_the_permission(world: World) -> None:
    document = app_of(Tokens(world.authority, realm=APP["realm"], header="X-API-Key")).openapi()
    schemes = document["components"]["securitySchemes"]
    assert schemes["token"]["type"] == "http"
    assert schemes["token"]["scheme"] == "bearer"
    assert {name: schemes["token_header"][name] for name in ("type", "in", "name")} == {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
    }
    operation = document["paths"]["/items/{item}"]["get"]
    assert operation["security"] == [{"token": ["item-read"]}, {"token_header": ["item-read"]}]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["item"]
    for code, problem in TABLE["problems"].items():
        if code != "no_credential":
            content = operation["responses"][str(problem["status"])]["content"]
            assert content["application/problem+json"]["example"]["code"] == code
    assert "security" not in document["paths"]["/open"]["get"]


def test_without_a_header_there_is_one_scheme(world: World) -> None:
    document = app_of(Tokens(world.authority, realm=APP["realm"])).openapi()
    assert list(document["components"]["securitySchemes"]) == ["token"]


def test_without_install_a_refusal_has_its_status_and_headers(world: World) -> None:
    with servers.asgi(app_of(Tokens(world.authority, realm=APP["realm"]))) as port:
        reply = ask(port, "GET", "/items/7", [])
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == 'Bearer realm="default"'
    assert b'"code":"no_credential"' in reply.body


def test_a_dependency_of_the_application_protects_every_route(world: World) -> None:
    tokens = Tokens(world.authority, realm=APP["realm"])
    app = app_of(tokens, dependencies=[Security(tokens.authenticate)])
    tokens.install(app)
    token = world.saved["bare"].token
    with servers.asgi(app) as port:
        assert ask(port, "GET", "/open", []).status == 401
        assert ask(port, "GET", "/open", [["Authorization", f"Bearer {token}"]]).status == 200


def test_what_is_wrong_is_told_at_start_up(world: World) -> None:
    tokens = Tokens(world.authority)
    for permission, resource, code in [
        ("item-raed", ITEM, "permission_unknown"),
        ("item-read", "organization:acme", "kind_mismatch"),
        ("item-read", "organization:{org", "guard_template_invalid"),
    ]:
        with pytest.raises(InputError) as caught:
            tokens.require(permission, resource)
        assert caught.value.code == code
    with pytest.raises(ValueError, match="neither path nor credential"):
        tokens.require("item-read", "organization:acme/project:site/item:{path}")
    with pytest.raises(ValueError, match="needs a resource"):
        tokens.require("organization-read")
    for header in ("Authorization", "X API", ""):
        with pytest.raises(ValueError, match="header is a name"):
            Tokens(world.authority, header=header)
    with pytest.raises(ValueError, match="collection of paths"):
        Tokens(world.authority, public="/health")
