"""The app of the table in Django REST framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView
from tokenward.django import endpoints
from tokenward.rest_framework import LiveToken, TokenAuthentication, require
from wire import APP

from . import described
from .django_app import change, configure, served, url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request
    from tokenward import Authority


def build(authority: Authority, *, protected: bool, serve: str = "wsgi") -> Any:
    configure(authority)
    change(REST_FRAMEWORK=SETTINGS)
    return served(routes(), protected=protected, serve=serve)


SETTINGS = {"UNAUTHENTICATED_USER": None, "EXCEPTION_HANDLER": "tokenward.rest_framework.exception_handler"}


def routes() -> Iterable[Any]:
    """Make the routes. One view has all methods of a path."""
    paths: dict[str, dict[str, dict[str, Any]]] = {}
    for row in APP["routes"]:
        paths.setdefault(row["route"], {})[row["method"]] = row
    for route, methods in paths.items():
        yield path(url(route), view(methods).as_view())
    yield path("oauth/", include(endpoints(introspect=APP["introspect"]["permission"], revoke=True)))


def view(methods: dict[str, dict[str, Any]]) -> type[APIView]:
    public = any(row.get("public") for row in methods.values())
    wanted: dict[str, Any] = {method: permission(row) for method, row in methods.items()}

    class Guarded(APIView):
        authentication_classes = [] if public else [TokenAuthentication]

        def get_permissions(self) -> list[Any]:
            return [wanted[self.request.method or ""]()] if self.request.method in wanted else []

    def answer(_: APIView, request: Request, **__: str) -> Response:
        if public:
            assert request.auth is None
            return Response({})
        principal: Any = request.auth
        assert str(request.user) == principal.name
        return Response(described(principal))

    for method in methods:
        setattr(Guarded, method.lower(), answer)
    return Guarded


def permission(row: dict[str, Any]) -> Any:
    if row.get("public"):
        return AllowAny
    return require(row["permission"], row.get("resource")) if "permission" in row else LiveToken
