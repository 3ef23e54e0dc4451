"""Flask: an extension, a decorator for views, and the principal in `g`.

```python
from flask import Flask
from tokenward.flask import Tokens, g

tokens = Tokens()

@tokens.require("project-read", "organization:acme/project:{project}")
def project(project):
    return {"read by": g.principal.name}

app = Flask(__name__)
tokens.init_app(app, authority, realm="organization:acme", header="X-API-Key")
app.add_url_rule("/projects/<project>", view_func=project)
app.before_request(tokens.protect)  # and nothing without a live token
```

`g` is Flask's own, with the type of `g.principal`.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import flask
from flask import Blueprint, Response, current_app, request

from .web import Answer, Gate, Principal, Refusal, Requirement, credential, target
from .web.endpoints import FORM_BYTES, introspection, revocation, revoker
from .web.needs import Met, Need, Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from flask import Flask
    from flask.ctx import _AppCtxGlobals

    from .authority import Authority
    from .verifier import Verifier

    class Globals(_AppCtxGlobals):
        """Flask's `g` in a request that was let through."""

        principal: Principal


__all__ = ["Principal", "Tokens", "g"]

#: `flask.g`, with a type for `g.principal`. Without a token, as on a public path, there is no such attribute.
g = cast("Globals", flask.g)

_EXTENSION = "tokenward"
_View = TypeVar("_View", bound="Callable[..., Any]")


class Tokens:
    """The tokens that applications accept. `init_app` says which."""

    def __init__(self) -> None:
        self._needs = Needs()

    def init_app(
        self,
        app: Flask,
        decider: Authority | Verifier,
        *,
        realm: str | None = None,
        header: str | None = None,
        public: Collection[str] = (),
    ) -> None:
        """Let an application accept tokens. Views that require a permission may be made before and after.

        Args:
            app: The application.
            decider: The authority or verifier that decides.
            realm: Take tokens of this realm only; the resource of routes that name none.
            header: A header in which a bare token may come instead of `Authorization`, such as `X-API-Key`.
            public: Paths that need no token behind `protect`: `/health` alone, `/static/` with all below it.

        Raises:
            InputError: A view requires what the policy does not know: `permission_unknown`, `kind_mismatch`,
                `guard_template_invalid`.
        """
        met = self._needs.met_by(Gate(decider, realm=realm, header=header, public=public))
        app.extensions.setdefault(_EXTENSION, {})[self] = met

    def require(self, permission: str, resource: str | None = None) -> Callable[[_View], _View]:
        """Require a permission for a view, which may be a function of either kind or stand in `View.decorators`.

        Args:
            permission: What requests need: `project-read`.
            resource: Where they need it, from the variables of the route: `organization:{org}/project:{project}`. Left
                out, it is the realm.

        Raises:
            InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`; at start-up.
        """
        return self._guarded(self._needs.add(lambda gate: gate.require(permission, resource)))

    def authenticate(self, view: _View) -> _View:
        """Require a live token for a view, whatever it may do."""
        return self._guarded(None)(view)

    def protect(self) -> Response | None:
        """Let nothing through without a live token, whose path patterns match, but for the public paths.

        `app.before_request(tokens.protect)` protects an application, and the same of a blueprint that blueprint.
        Functions that are added before it run before it.
        """
        return None if self._met.gate.is_public(request.path) else self._admit(None)

    def blueprint(self, *, introspect: str | None = None, revoke: bool = False, name: str = "tokens") -> Blueprint:
        """Make a blueprint with `/introspect` (RFC 7662) and `/revoke` (RFC 7009).

        Args:
            introspect: The permission, on the realm, of those who may introspect. `None`: there is no such route.
            revoke: Whether whoever presents a token may revoke it.
            name: The name of the blueprint.
        """
        blueprint = Blueprint(name, __name__)
        if introspect is not None:

            @blueprint.post("/introspect")
            @self.require(introspect)
            def introspects() -> Response:
                gate = self._met.gate
                return _response_of(introspection(gate.decider, gate.realm, request.content_type, _body()))

        if revoke:
            authority = self._needs.add(revoker)

            @blueprint.post("/revoke")
            def revokes() -> Response:
                met = self._met
                return _response_of(revocation(authority.of(met), met.gate.realm, request.content_type, _body()))

        return blueprint

    def _guarded(self, need: Need[Requirement] | None) -> Callable[[_View], _View]:
        def decorate(view: _View) -> _View:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                refusal = self._admit(need)
                return current_app.ensure_sync(view)(*args, **kwargs) if refusal is None else refusal

            return cast("_View", guarded)

        return decorate

    def _admit(self, need: Need[Requirement] | None) -> Response | None:
        """Decide the request, and note its principal. Without a need, any live token will do."""
        met = self._met
        requirement = None if need is None else need.of(met)
        path, params = target.of_wsgi(request.environ), request.view_args or {}
        outcome = met.gate.admit(requirement, credential.of_wsgi(request.environ, met.gate.header), path, params)
        if isinstance(outcome, Refusal):
            return _response_of(outcome)
        g.principal = outcome
        return None

    @property
    def _met(self) -> Met:
        met: Met | None = current_app.extensions.get(_EXTENSION, {}).get(self)
        if met is None:
            message = "the application accepts no tokens: call init_app"
            raise RuntimeError(message)
        return met


def _response_of(answer: Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers))


def _body() -> bytes:
    """Read a body, and no more than tells that it is too long."""
    return request.stream.read(FORM_BYTES + 1)
