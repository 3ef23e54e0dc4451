"""Starlette: a decorator for endpoints, a middleware for applications, a backend for Starlette's own authentication.

```python
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from tokenward.starlette import TokenMiddleware, Tokens, principal_of

tokens = Tokens(authority, realm="organization:acme", header="X-API-Key")

@tokens.require("project-read", "organization:acme/project:{project}")
async def project(request):
    return JSONResponse({"read by": principal_of(request).name})

app = Starlette(routes=[Route("/projects/{project}", project)])
app.add_middleware(TokenMiddleware, tokens=tokens)  # and nothing without a live token
```
"""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from .web import Answer, Gate, Principal, Refusal, Requirement, credential, target
from .web.endpoints import FORM_BYTES, introspection, revocation, revoker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

    from .authority import Authority
    from .verifier import Verifier

__all__ = ["Principal", "TokenBackend", "TokenMiddleware", "TokenUser", "Tokens", "principal_of"]

_Endpoint = TypeVar("_Endpoint", bound="Callable[..., Any]")


class _Gated(Protocol):
    @property
    def gate(self) -> Gate: ...


class Tokens:
    """The tokens that an application accepts.

    Args:
        decider: The authority or verifier that decides.
        realm: Take tokens of this realm only; the resource of routes that name none.
        header: A header in which a bare token may come instead of `Authorization`, such as `X-API-Key`.
        public: Paths that need no token behind `TokenMiddleware`: `/health` alone, `/static/` with all below it.
    """

    def __init__(
        self,
        decider: Authority | Verifier,
        *,
        realm: str | None = None,
        header: str | None = None,
        public: Collection[str] = (),
    ) -> None:
        self.gate = Gate(decider, realm=realm, header=header, public=public)

    def require(self, permission: str, resource: str | None = None) -> Callable[[_Endpoint], _Endpoint]:
        """Require a permission for an endpoint: a function, or a method of an `HTTPEndpoint`.

        Args:
            permission: What requests need: `project-read`.
            resource: Where they need it, from path parameters: `organization:{org}/project:{project}`. Left out, it is
                the realm.

        Raises:
            InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`; at start-up.
        """
        return self._guarded(self.gate.require(permission, resource))

    def authenticate(self, endpoint: _Endpoint) -> _Endpoint:
        """Require a live token for an endpoint, whatever it may do."""
        return self._guarded(None)(endpoint)

    def _guarded(self, requirement: Requirement | None) -> Callable[[_Endpoint], _Endpoint]:
        def decorate(endpoint: _Endpoint) -> _Endpoint:
            if iscoroutinefunction(endpoint):

                @wraps(endpoint)
                async def asynchronous(*args: Any) -> Any:
                    refusal = admit(self.gate, requirement, args[-1])
                    return response_of(refusal) if refusal else await endpoint(*args)

                return cast("_Endpoint", asynchronous)

            @wraps(endpoint)
            def synchronous(*args: Any) -> Any:
                refusal = admit(self.gate, requirement, args[-1])
                return response_of(refusal) if refusal else endpoint(*args)

            return cast("_Endpoint", synchronous)

        return decorate

    def routes(self, *, introspect: str | None = None, revoke: bool = False) -> list[Route]:
        """Make the routes `/introspect` (RFC 7662) and `/revoke` (RFC 7009), for a `Mount` of yours.

        Args:
            introspect: The permission, on the realm, of those who may introspect. `None`: there is no such route.
            revoke: Whether whoever presents a token may revoke it.
        """
        return endpoints(self.gate, introspect, revoke=revoke)


class TokenMiddleware:
    """Lets nothing through without a live token, whose path patterns match, but for the public paths."""

    def __init__(self, app: ASGIApp, tokens: _Gated) -> None:
        self.app = app
        self.gate = tokens.gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, a WebSocket or the events of a server."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        refusal = None if self.gate.is_public(path) else admit(self.gate, None, HTTPConnection(scope))
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})  # the server answers 403
        else:
            await response_of(refusal)(scope, receive, send)


class TokenUser(BaseUser):
    """The user of Starlette's `AuthenticationMiddleware`."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    @property
    def is_authenticated(self) -> bool:
        """True: a request without a token has Starlette's `UnauthenticatedUser`."""
        return True

    @property
    def display_name(self) -> str:
        """The name of the principal."""
        return self.principal.name

    @property
    def identity(self) -> str:
        """The realm and the name of the principal."""
        return self.principal.identity


class TokenBackend(AuthenticationBackend):
    """A backend for Starlette's `AuthenticationMiddleware`, for applications where some requests are anonymous.

    ```python
    app.add_middleware(AuthenticationMiddleware, backend=TokenBackend(tokens), on_error=TokenBackend.on_error)
    ```

    A request without a credential is anonymous. One with a credential that is not valid is refused.
    """

    def __init__(self, tokens: _Gated) -> None:
        self.gate = tokens.gate

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """Give the user of a request, and the scope `authenticated`."""
        refusal = admit(self.gate, None, conn)
        if refusal is None:
            return AuthCredentials(["authenticated"]), TokenUser(principal_of(conn))
        if refusal.code == "no_credential":
            return None
        raise _RefusedError(refusal)

    @staticmethod
    def on_error(_: HTTPConnection, error: AuthenticationError) -> Response:
        """Answer a refused request: the argument `on_error` of the middleware."""
        return response_of(error.refusal if isinstance(error, _RefusedError) else Refusal.because("invalid_request"))


class _RefusedError(AuthenticationError):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def principal_of(connection: HTTPConnection) -> Principal:
    """Give the principal of a request that was let through. It is also `request.state.principal`.

    Raises:
        LookupError: Nothing has asked for a token.
    """
    principal = connection.scope.get("state", {}).get("principal")
    if not isinstance(principal, Principal):
        message = "the route is not guarded: it has no principal"
        raise LookupError(message)
    return principal


def admit(gate: Gate, requirement: Requirement | None, connection: HTTPConnection) -> Refusal | None:
    """Decide a request, and note its principal in its state. Without a requirement, any live token will do."""
    path, params = target.of_asgi(connection.scope), connection.scope.get("path_params", {})
    outcome = gate.admit(requirement, credential.of_asgi(connection.scope["headers"], gate.header), path, params)
    if isinstance(outcome, Refusal):
        return outcome
    connection.scope.setdefault("state", {})["principal"] = outcome
    return None


def response_of(answer: Answer) -> Response:
    """Give an answer as a response."""
    return Response(answer.body, answer.status, answer.fields)


def endpoints(gate: Gate, introspect: str | None, *, revoke: bool) -> list[Route]:
    """Make the routes `/introspect` and `/revoke`."""
    routes = []
    if introspect is not None:
        requirement = gate.require(introspect)

        async def introspects(request: Request) -> Response:
            refusal = admit(gate, requirement, request)
            if refusal is not None:
                return response_of(refusal)
            form = await _body(request)
            return response_of(introspection(gate.decider, gate.realm, request.headers.get("content-type"), form))

        routes.append(Route("/introspect", introspects, methods=["POST"]))
    if revoke:
        authority = revoker(gate)

        async def revokes(request: Request) -> Response:
            form = await _body(request)
            content_type = request.headers.get("content-type")
            return response_of(await run_in_threadpool(revocation, authority, gate.realm, content_type, form))

        routes.append(Route("/revoke", revokes, methods=["POST"]))
    return routes


async def _body(request: Request) -> bytes:
    """Read a body, and no more than tells that it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            break
    return body
