"""Django: a middleware for projects, a decorator for views, one dictionary of settings.

```python
# settings.py
TOKENWARD = {
    "DECIDER": "project.tokens.authority",
    "REALM": "organization:acme",
    "HEADER": "X-API-Key",
    "PUBLIC": ["/health", "/admin/"],
}
MIDDLEWARE = ["tokenward.django.TokenMiddleware", ...]  # nothing without a live token but what is public

# views.py
from tokenward.django import principal_of, require

@require("project-read", "organization:acme/project:{project}")
def project(request, project):
    return JsonResponse({"read by": principal_of(request).name})
```

| setting | |
|---|---|
| `DECIDER` | the authority or verifier that decides, a function that gives it, or the dotted path of either |
| `REALM` | take tokens of this realm only; the resource of views that name none |
| `HEADER` | a header in which a bare token may come instead of `Authorization` |
| `PUBLIC` | paths that need no token behind the middleware: `/health` alone, `/static/` with all below it |

Django's error reports show a header unless its name has `API`, `AUTH`, `KEY`, `TOKEN` or the like in it: `HEADER` must
be one that they hide.
"""

from __future__ import annotations

from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.module_loading import import_string
from django.views.debug import get_default_exception_reporter_filter
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .authority import Authority
from .verifier import Verifier
from .web import Answer, Gate, Principal, Refusal, Requirement, credential, target
from .web.endpoints import FORM_BYTES, introspection, revocation, revoker
from .web.needs import Met, Need, Needs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["Principal", "TokenMiddleware", "authenticate", "endpoints", "principal_of", "require"]

_SETTING: Final = "TOKENWARD"
_ARGUMENTS: Final = {"REALM": "realm", "HEADER": "header", "PUBLIC": "public"}

_View = TypeVar("_View", bound="Callable[..., Any]")


def require(permission: str, resource: str | None = None) -> Callable[[_View], _View]:
    """Require a permission for a view: a function of either kind, or by `method_decorator` the `dispatch` of a class.

    Such a view needs no CSRF token: no browser sends a token of ours by itself.

    Args:
        permission: What requests need: `project-read`.
        resource: Where they need it, from the parameters of the route: `organization:{org}/project:{project}`. Left
            out, it is the realm.

    Raises:
        InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`; when the view is imported.
        ImproperlyConfigured: The settings are not complete.
    """
    return _guarded(needed(permission, resource))


def authenticate(view: _View) -> _View:
    """Require a live token for a view, whatever it may do."""
    return _guarded(None)(view)


class TokenMiddleware:
    """Lets nothing through without a live token, whose path patterns match, but for the public paths.

    It goes first among the middleware, or behind those that may see every request.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        met()  # what is wrong with the settings is told at start-up
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Handle a request."""
        public = met().gate.is_public(request.path_info)
        refusal = None if public else admit(None, request, {})
        if refusal is None:
            return cast("HttpResponseBase | Awaitable[HttpResponseBase]", self.get_response(request))
        return response_of(refusal)


def endpoints(*, introspect: str | None = None, revoke: bool = False) -> list[URLPattern]:
    """Make the routes `introspect` (RFC 7662) and `revoke` (RFC 7009), for `include`.

    Args:
        introspect: The permission, on the realm, of those who may introspect. `None`: there is no such route.
        revoke: Whether whoever presents a token may revoke it.
    """
    routes = []
    if introspect is not None:

        def introspects(request: HttpRequest) -> HttpResponse:
            gate = met().gate
            return response_of(introspection(gate.decider, gate.realm, request.content_type, _body(request)))

        routes.append(path("introspect", require_POST(require(introspect)(introspects))))
    if revoke:
        authority = _noted(revoker)

        def revokes(request: HttpRequest) -> HttpResponse:
            found = met()
            return response_of(revocation(authority.of(found), found.gate.realm, request.content_type, _body(request)))

        routes.append(path("revoke", csrf_exempt(require_POST(revokes))))
    return routes


def principal_of(request: HttpRequest) -> Principal:
    """Give the principal of a request that was let through. It is also `request.principal`.

    Raises:
        LookupError: Nothing has asked for a token.
    """
    principal = getattr(request, "principal", None)
    if not isinstance(principal, Principal):
        message = "the view is not guarded: it has no principal"
        raise LookupError(message)
    return principal


# ---- what the integration of Django REST framework uses as well -----------------------------------------------------


def needed(permission: str, resource: str | None) -> Need[Requirement]:
    """Note what a view requires."""
    return _noted(lambda gate: gate.require(permission, resource))


def admit(need: Need[Requirement] | None, request: HttpRequest, params: Mapping[str, object]) -> Refusal | None:
    """Decide a request, and note its principal. Without a need, any live token will do."""
    found = met()
    requirement = None if need is None else need.of(found)
    outcome = found.gate.admit(requirement, *_asked(request, found.gate.header), params)
    if isinstance(outcome, Refusal):
        return outcome
    request.principal = outcome  # type: ignore[attr-defined]
    return None


def response_of(answer: Answer) -> HttpResponse:
    """Give an answer as a response."""
    return _Response(answer.body, status=answer.status, headers=answer.fields)


def met() -> Met:
    """Give the gate that the settings describe, with what views need of it."""
    global _met  # noqa: PLW0603
    found = _met
    if found is None:
        with _opening:
            found = _met = _met or _needs.met_by(_gate())
    return found


# ---- settings -------------------------------------------------------------------------------------------------------

_needs: Final = Needs()
_opening: Final = Lock()
_met: Met | None = None


def _noted(make: Callable[[Gate], Any]) -> Need[Any]:
    met()  # so that what is wrong with it is told now
    return _needs.add(make)


def _gate() -> Gate:
    given = getattr(settings, _SETTING, None)
    if not isinstance(given, dict) or "DECIDER" not in given or set(given) - {"DECIDER", *_ARGUMENTS}:
        message = f"{_SETTING} is a dictionary of DECIDER and, where wanted, {', '.join(_ARGUMENTS)}"
        raise ImproperlyConfigured(message)
    try:
        gate = Gate(_decider(given["DECIDER"]), **{_ARGUMENTS[key]: given[key] for key in given if key in _ARGUMENTS})
    except ValueError as error:
        message = f"{_SETTING}: {error}"
        raise ImproperlyConfigured(message) from None
    if gate.header is not None:
        name = "HTTP_" + gate.header.upper().replace("-", "_")
        if get_default_exception_reporter_filter().cleanse_setting(name, "shown") == "shown":
            message = (
                f"{_SETTING}: Django's error reports would show HEADER; give it a name with AUTH, KEY or TOKEN in it"
            )
            raise ImproperlyConfigured(message)
    return gate


def _decider(given: object) -> Authority | Verifier:
    found: Any = import_string(given) if isinstance(given, str) else given
    if callable(found):
        found = found()
    if not isinstance(found, Authority | Verifier):
        message = f"{_SETTING}: DECIDER is an Authority or a Verifier, or gives one"
        raise ImproperlyConfigured(message)
    return found


def _forget(*, setting: str, **_: object) -> None:
    """Look at the settings again, which tests of a project have changed."""
    global _met  # noqa: PLW0603
    if setting == _SETTING and _met is not None:
        _needs.forget(_met)
        _met = None


setting_changed.connect(_forget)


# ---- views ----------------------------------------------------------------------------------------------------------


def _guarded(need: Need[Requirement] | None) -> Callable[[_View], _View]:
    def decorate(view: _View) -> _View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def asynchronous(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
                refusal = admit(need, request, kwargs)
                return response_of(refusal) if refusal else await view(request, *args, **kwargs)

            return cast("_View", csrf_exempt(asynchronous))

        @wraps(view)
        def synchronous(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
            refusal = admit(need, request, kwargs)
            return response_of(refusal) if refusal else view(request, *args, **kwargs)

        return cast("_View", csrf_exempt(synchronous))

    return decorate


def _asked(request: HttpRequest, header: str | None) -> tuple[str | None, str]:
    """Give the credential and the path of a request. No frame keeps them: the debug page shows what frames have."""
    scope: Mapping[str, Any] | None = getattr(request, "scope", None)  # of ASGI
    if scope is None:
        return credential.of_wsgi(request.META, header), target.of_wsgi(request.META)
    return credential.of_asgi(scope["headers"], header), target.of_asgi(scope)


class _Response(HttpResponse):
    """A response that may be awaited: a middleware or a `dispatch` cannot tell whether its answer will be."""

    def __await__(self) -> Generator[None, None, HttpResponse]:
        yield from ()
        return self


def _body(request: HttpRequest) -> bytes:
    """Read a body, and no more than tells that it is too long.

    It is read from the stream, so that no error report has its fields.
    """
    return request.read(FORM_BYTES + 1)
