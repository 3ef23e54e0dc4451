"""What Django has beside the table: settings, error reports, classes, forms, other middleware."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
import servers
from apps import django_app
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter
from tokenward import Authority, InputError, Verifier
from tokenward.django import TokenMiddleware, authenticate, endpoints, principal_of, require
from wire import APP, GROUPS, World, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

ITEM = "organization:acme/project:site/item:{item}"


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.take(GROUPS[0]["steps"])
    django_app.configure(world.authority)
    with world.authority:
        yield world
    django_app.change(DEBUG=False)


def bearer(world: World, name: str) -> list[list[str]]:
    return [["Authorization", f"Bearer {world.saved[name].token}"]]


def who(request: HttpRequest, **_: object) -> HttpResponse:
    return HttpResponse(principal_of(request).name)


def test_what_is_wrong_is_told_at_start_up(world: World) -> None:
    for permission, resource, code in [
        ("item-raed", ITEM, "permission_unknown"),
        ("item-read", "organization:acme", "kind_mismatch"),
        ("item-read", "organization:{org", "guard_template_invalid"),
    ]:
        with pytest.raises(InputError) as caught:
            require(permission, resource)
        assert caught.value.code == code
    django_app.configure(Verifier.load(world.authority.snapshot()))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot revoke"):
        endpoints(revoke=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "a dictionary of DECIDER"),
        ({}, "a dictionary of DECIDER"),
        ({"DECIDER": object(), "HEADRE": "X-API-Key"}, "a dictionary of DECIDER"),
        ({"DECIDER": object()}, "DECIDER is an Authority or a Verifier"),
        ({"DECIDER": "test_django.nothing"}, "DECIDER is an Authority or a Verifier"),
        ({"DECIDER": "test_django.opened", "HEADER": "Authorization"}, "header is a name"),
        ({"DECIDER": "test_django.opened", "PUBLIC": "/health"}, "collection of paths"),
        ({"DECIDER": "test_django.opened", "HEADER": "X-Badge"}, "error reports would show HEADER"),
    ],
)
def test_wrong_settings_are_told_at_start_up(given: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "test_django", __import__("sys").modules[__name__])
    django_app.change(TOKENWARD=given)
    with pytest.raises(ImproperlyConfigured, match=message):
        TokenMiddleware(HttpResponse)


def nothing() -> None:
    return None


def opened() -> Authority:
    return Authority.open("memory:", "default")


class Hiding(SafeExceptionReporterFilter):
    def cleanse_setting(self, key: Any, value: Any) -> Any:
        return "hidden" if key == "HTTP_X_BADGE" else super().cleanse_setting(key, value)


def test_a_header_that_a_filter_of_the_project_hides(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.views.debug.get_default_exception_reporter_filter", Hiding)
    monkeypatch.setattr("tokenward.django.get_default_exception_reporter_filter", Hiding)
    django_app.configure(world.authority, HEADER="X-Badge")
    with servers.wsgi(django_app.served([path("who", authenticate(who))], protected=True)) as port:
        assert ask(port, "GET", "/who", [["X-Badge", world.saved["bare"].token]]).body == b"token:bare"


def test_tests_of_a_project_change_the_settings(world: World) -> None:
    app = django_app.served([path("items/<item>", require("item-read", ITEM)(who))], protected=False)
    with servers.wsgi(app) as port, opened() as other:
        assert ask(port, "GET", "/items/7", bearer(world, "scoped")).status == 200
        django_app.configure(other)
        assert ask(port, "GET", "/items/7", bearer(world, "scoped")).status == 401
        django_app.configure(world.authority)
        assert ask(port, "GET", "/items/7", bearer(world, "scoped")).status == 200


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(str(principal_of(request)))


def mailed(record: Any) -> str:
    """Give what Django mails to administrators."""
    kind, error, trace = record.exc_info
    return ExceptionReporter(record.request, kind, error, trace, is_email=True).get_traceback_text()


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
@pytest.mark.parametrize("debug", [False, True])
def test_error_pages_and_reports_show_no_secret(
    world: World, server: str, debug: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    django_app.change(DEBUG=debug)
    urls = [
        path("fails", authenticate(fails)),
        # A mistake of the project: the route has no such parameter.
        path("items/<name>", require("item-read", ITEM)(who)),
        path("oauth/", include(endpoints(introspect=APP["introspect"]["permission"]))),
    ]
    admin = world.saved["admin"]
    form = [["Content-Type", "application/x-www-form-urlencoded"]]
    shown = []
    with getattr(servers, server)(django_app.served(urls, protected=True, serve=server)) as port:
        for target in ("/fails", "/items/7"):
            for given in (bearer(world, "admin"), [["X-API-Key", admin.token]]):
                reply = ask(port, "GET", target, given)
                assert reply.status == 500
                name = b"Authorization" if given[0][0] == "Authorization" else b"X_API_KEY"
                assert (b"HTTP_" + name.upper() in reply.body) is debug  # there, and hidden
                shown.append(reply)
        shown.append(ask(port, "GET", "/nowhere", bearer(world, "admin")))
        shown.append(
            ask(port, "POST", "/oauth/introspect", bearer(world, "bare") + form, f"token={admin.token}".encode())
        )
        assert [reply.status for reply in shown[-2:]] == [404, 403]
    mails = [mailed(record) for record in caplog.records if record.exc_info and hasattr(record, "request")]
    assert len(mails) == 4
    logged = [f"{record.getMessage()} {record.exc_text}" for record in caplog.records]
    every = "\n".join([*(f"{reply.headers}{reply.body!r}" for reply in shown), *mails, *logged])
    secret = admin.client_secret
    assert [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in every] == []


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_classes_converters_and_forms(world: World, server: str) -> None:
    @method_decorator(require("item-read", ITEM), name="dispatch")
    class Item(View):
        def get(self, request: HttpRequest, item: int) -> HttpResponse:
            return HttpResponse(f"{principal_of(request)} {item + 1}")

    @method_decorator(require("item-read", ITEM), name="dispatch")
    class Asynchronous(View):
        async def get(self, request: HttpRequest, item: int) -> HttpResponse:
            return HttpResponse(f"{principal_of(request)} {item + 1}")

    def form(request: HttpRequest, item: str) -> HttpResponse:
        return HttpResponse(f"{principal_of(request)} {request.POST['title']} {item}")

    urls = [
        path("items/<int:item>", Item.as_view()),
        path("async/<int:item>", Asynchronous.as_view()),
        path("forms/<str:item>", require("item-write", ITEM)(form)),
        path("unguarded/<str:item>", form),
    ]
    with getattr(servers, server)(django_app.served(urls, protected=False, serve=server)) as port:
        for where in ("items", "async"):
            # The resource is the one that the view acts on.
            assert ask(port, "GET", f"/{where}/007", bearer(world, "scoped")).body == b"token:scoped 8"
            reply = ask(port, "GET", f"/{where}/8", bearer(world, "scoped"))
            assert (reply.status, reply.headers["content-type"]) == (403, "application/problem+json")
        fields = [["Content-Type", "application/x-www-form-urlencoded"]]
        reply = ask(port, "POST", "/forms/7", bearer(world, "writer") + fields, b"title=new")
        assert reply.body == b"token:writer new 7"
        reply = ask(port, "POST", "/unguarded/7", bearer(world, "writer") + fields, b"title=new")
        assert reply.status == 403
        assert b"CSRF" in reply.body


def test_a_long_form_is_not_read(world: World) -> None:
    urls = endpoints(introspect=APP["introspect"]["permission"])
    form = [["Content-Type", "application/x-www-form-urlencoded"], *bearer(world, "admin")]
    with servers.wsgi(django_app.served(urls, protected=False)) as port:
        assert ask(port, "POST", "/introspect", form, b"token=" + b"a" * 4090).body == b'{"active": false}'
        assert ask(port, "POST", "/introspect", form, b"token=" + b"a" * 100_000).status == 400
        assert ask(port, "POST", "/revoke", form, b"token=a").status == 404


def test_a_view_without_a_guard_has_no_principal(world: World) -> None:
    with pytest.raises(LookupError):
        principal_of(RequestFactory().get("/"))
    request = RequestFactory(headers={"Authorization": f"Bearer {world.saved['bare'].token}"}).get("/")
    assert authenticate(who)(request).content == b"token:bare"
