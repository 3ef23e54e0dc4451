"""The app of the table in Django, as it is served by WSGI and by ASGI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.signals import setting_changed
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from tokenward.django import authenticate, endpoints, principal_of, require
from wire import APP

from . import described

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokenward import Authority

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]


def build(authority: Authority, *, protected: bool, serve: str = "wsgi") -> Any:
    configure(authority)
    return served(routes(), protected=protected, serve=serve)


def configure(authority: Authority, **given: Any) -> None:
    """Let the settings of the process describe an authority, as `override_settings` does."""
    described = {"DECIDER": authority, "REALM": APP["realm"], "HEADER": APP["header"], "PUBLIC": APP["public"]} | given
    change(TOKENWARD={name: value for name, value in described.items() if value is not None})


def change(**given: Any) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
        setting_changed.send(sender=None, setting=name, value=value, enter=True)


def served(urls: Iterable[Any], *, protected: bool, serve: str = "wsgi") -> Any:
    guard = ["tokenward.django.TokenMiddleware"] if protected else []
    change(ROOT_URLCONF=tuple(urls), MIDDLEWARE=[*guard, *MIDDLEWARE])
    return get_asgi_application() if serve == "asgi" else get_wsgi_application()


def routes() -> Iterable[Any]:
    """Make the routes. Django knows no methods of a route, so that each path has one view."""
    paths: dict[str, list[dict[str, Any]]] = {}
    for row in APP["routes"]:
        paths.setdefault(row["route"], []).append(row)
    for route, methods in paths.items():
        yield path(url(route), _view(methods))
    yield path("oauth/", include(endpoints(introspect=APP["introspect"]["permission"], revoke=True)))


def url(route: str) -> str:
    return route.removeprefix("/").replace("{path*}", "<path:path>").replace("{item}", "<str:item>")


def _view(routes: list[dict[str, Any]]) -> Any:
    views = {route["method"]: _guarded(route) for route in routes}

    @csrf_exempt
    @require_http_methods(list(views))
    async def asynchronous(request: HttpRequest, **params: str) -> Any:
        return await views[request.method or ""](request, **params)

    return asynchronous if "POST" in views else require_http_methods(list(views))(views["GET"])


def _guarded(route: dict[str, Any]) -> Any:
    def healthy(request: HttpRequest) -> JsonResponse:
        assert not hasattr(request, "principal")
        return JsonResponse({})

    async def answer(request: HttpRequest, **_: str) -> JsonResponse:
        return JsonResponse(described(principal_of(request)))

    def synchronous(request: HttpRequest, **_: str) -> JsonResponse:
        return JsonResponse(described(principal_of(request)))

    if route.get("public"):
        return healthy
    if "permission" not in route:
        return authenticate(synchronous)
    chosen: Any = answer if "{item}" in route["route"] else synchronous
    return require(route["permission"], route.get("resource"))(chosen)
