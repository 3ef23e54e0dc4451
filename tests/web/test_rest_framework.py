"""What Django REST framework has beside the table: its users, permissions, throttles, pages, and its handler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import servers
from apps import django_app
from apps.rest_framework_app import SETTINGS
from django.urls import path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet
from tokenward import InputError
from tokenward.django import principal_of
from tokenward.rest_framework import LiveToken, TokenAuthentication, TokenUser, require
from tokenward.web import Gate, Principal
from wire import GROUPS, World, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rest_framework.request import Request

ITEM = "organization:acme/project:site/item:{item}"
CHALLENGE = 'Bearer realm="default"'


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.take(GROUPS[0]["steps"])
    django_app.configure(world.authority)
    django_app.change(REST_FRAMEWORK=SETTINGS)
    with world.authority:
        yield world
    django_app.change(DEBUG=False, REST_FRAMEWORK=SETTINGS)


def bearer(world: World, name: str) -> list[list[str]]:
    return [["Authorization", f"Bearer {world.saved[name].token}"]]


class Who(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes: tuple[Any, ...] = (IsAuthenticated,)

    def get(self, request: Request, **_: str) -> Response:
        principal: Any = request.auth
        assert principal == principal_of(request)
        return Response({"user": str(request.user), "name": principal.name})


def served(view: Any, world: World, name: str | None, target: str = "/who") -> Any:
    app = django_app.served([path("who", view), path("items/<item>", view)], protected=False)
    with servers.wsgi(app) as port:
        return ask(port, "GET", target, [] if name is None else bearer(world, name))


def test_permissions_of_rest_framework_see_a_user(world: World) -> None:
    assert json.loads(served(Who.as_view(), world, "bare").body) == {"user": "token:bare", "name": "token:bare"}
    anonymous = served(Who.as_view(), world, None)
    assert (anonymous.status, anonymous.headers["WWW-Authenticate"]) == (401, CHALLENGE)
    assert anonymous.headers["Content-Type"] == "application/problem+json"
    assert json.loads(anonymous.body)["code"] == "no_credential"
    staff = served(Who.as_view(permission_classes=[IsAdminUser]), world, "admin")
    assert staff.status == 403  # a token is nobody's staff


def test_a_permission_takes_its_resource_from_the_route(world: World) -> None:
    view = Who.as_view(permission_classes=[require("item-read", ITEM)])
    assert served(view, world, "scoped", "/items/7").status == 200
    refused = served(view, world, "bare", "/items/7")
    assert (refused.status, json.loads(refused.body)["code"]) == (403, "insufficient_scope")
    assert refused.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="item-read"')
    with pytest.raises(InputError) as caught:
        require("item-raed", ITEM)
    assert caught.value.code == "permission_unknown"


def test_functions_and_viewsets_are_guarded_alike(world: World) -> None:
    @api_view(["GET"])
    @authentication_classes([TokenAuthentication])
    @permission_classes([require("item-read", ITEM)])
    def function(request: Request, item: str) -> Response:
        return Response(f"{item} by {request.user}")

    class Items(ViewSet):
        authentication_classes = (TokenAuthentication,)
        permission_classes = (require("item-read", ITEM),)

        def retrieve(self, request: Request, item: str) -> Response:
            return Response(f"{item} by {request.user}")

    for view in (function, Items.as_view({"get": "retrieve"})):
        assert served(view, world, "scoped", "/items/7").body == b'"7 by token:scoped"'
        assert served(view, world, None, "/items/7").status == 401


def test_without_the_handler_statuses_and_headers_are_the_same(world: World) -> None:
    django_app.change(REST_FRAMEWORK={"UNAUTHENTICATED_USER": None})
    for permission in (LiveToken, IsAuthenticated):
        refused = served(Who.as_view(permission_classes=[permission]), world, None)
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, CHALLENGE)
        assert refused.headers["Content-Type"] == "application/json"
    assert json.loads(served(Who.as_view(permission_classes=[LiveToken]), world, None).body)["code"] == "no_credential"
    world.authority.close()
    gone = served(Who.as_view(), world, "bare")
    assert (gone.status, gone.headers["Retry-After"]) == (503, "5")


def test_a_user_of_the_project_may_stand_in_its_place(world: World) -> None:
    class Owner(TokenAuthentication):
        def user_of(self, principal: Principal) -> Any:
            return TokenUser(principal) if principal.owner is None else principal.owner

    class View(Who):
        authentication_classes = (Owner,)
        permission_classes = (LiveToken,)

    owner = world.authority.authenticate(world.saved["bare"].token).owner
    assert owner is not None
    assert json.loads(served(View.as_view(), world, "bare").body)["user"] == owner


def test_throttles_count_by_the_principal(world: World) -> None:
    class Once(UserRateThrottle):
        rate = "1/day"

    view = Who.as_view(throttle_classes=[Once])
    assert [served(view, world, name).status for name in ("bare", "bare", "admin")] == [200, 429, 200]


def test_the_browsable_pages_show_no_secret(world: World) -> None:
    view = Who.as_view(renderer_classes=[BrowsableAPIRenderer, JSONRenderer])
    token = world.saved["bare"].token
    page = served(view, world, "bare")
    assert page.status == 200
    assert b"token:bare" in page.body
    assert token.encode()[16:24] not in page.body


def test_users_of_tokens_are_told_apart_by_their_principal(world: World) -> None:
    principals = [principal(world, name) for name in ("bare", "bare", "admin")]
    one, same, other = map(TokenUser, principals)
    assert one == same
    assert len({one, same, other}) == 2
    assert one.get_username() == one.username == one.pk == "token:bare"
    assert not one.has_perm("app.change")
    assert not one.has_perms(["app.change"])
    assert not one.is_staff


def principal(world: World, name: str) -> Principal:
    found = Gate(world.authority).identify(world.saved[name].token, "/")
    assert isinstance(found, Principal)
    return found
