"""What stands between the requests of an application and an authority or verifier."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .answer import Refusal
from .principal import Principal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..authority import Authority
    from ..decision import Decision
    from ..guard import Guard
    from ..verifier import Verifier

__all__ = ["Gate", "Requirement"]

_HEADER: Final = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")


class Gate:
    """Decides the requests of an application.

    Args:
        decider: The authority or verifier that decides.
        realm: Take tokens of this realm only, and ask for permissions on it where a route names no resource. `None`:
            tokens of every realm; each route then says in its resource which realm it is about.
        header: A header in which a bare token may come instead of `Authorization`, such as `X-API-Key`.
        public: Paths that need no token when the whole application is protected: `/health` is that path alone,
            `/static/` all below it.
    """

    __slots__ = ("_beneath", "_public", "decider", "header", "realm")

    def __init__(
        self,
        decider: Authority | Verifier,
        *,
        realm: str | None = None,
        header: str | None = None,
        public: Collection[str] = (),
    ) -> None:
        if header is not None and (not _HEADER.fullmatch(header) or header.lower() == "authorization"):
            message = "header is a name of letters, digits and hyphens, other than Authorization"
            raise ValueError(message)
        if isinstance(public, str) or not all(path.startswith("/") for path in public):
            message = "public is a collection of paths that begin with a slash"
            raise ValueError(message)
        self.decider = decider
        self.realm = realm
        self.header = header
        self._public = frozenset(public)
        self._beneath = tuple(path for path in public if path.endswith("/"))

    def require(self, permission: str, resource: str | None = None) -> Requirement:
        """Compile what a route asks for. Do it once, at start-up.

        Args:
            permission: What requests need: `item-read`.
            resource: Where they need it, from parameters of the route: `organization:{org}/project:{project}`. Left
                out, it is the realm.

        Raises:
            InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`.
            ValueError: There is neither a resource nor a realm, or a parameter is called `path` or `credential`.
        """
        template = self.realm if resource is None else resource
        if template is None:
            message = "a route needs a resource where the application has no realm"
            raise ValueError(message)
        return Requirement(self.decider.guard(permission, template))

    def identify(self, credential: str | None, path: str) -> Principal | Refusal:
        """Say who asks, whatever it asks for. The path patterns of the token hold here as everywhere."""
        try:
            return _outcome(self.decider.authenticate(credential, self.realm, path))
        finally:
            del credential

    def admit(
        self, requirement: Requirement | None, credential: str | None, path: str, params: Mapping[str, object]
    ) -> Principal | Refusal:
        """Decide a request by a requirement, or where there is none, take any live token."""
        try:
            return self.identify(credential, path) if requirement is None else requirement(credential, path, params)
        finally:
            del credential

    def is_public(self, path: str) -> bool:
        """Say whether a decoded path, as the router acts on it, needs no token."""
        if path in self._public:
            return True
        # What is beneath a public path is told by its segments, so they must be what they seem to be.
        plain = not {"", ".", ".."} & set(path.strip("/").split("/"))
        return plain and path.startswith(self._beneath) if self._beneath else False


class Requirement:
    """A permission on a resource whose ids come from the parameters of a route. `Gate.require` makes it."""

    __slots__ = ("_guard", "_parameters")

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._parameters = tuple(_PARAMETER.findall(guard.template))
        if {"path", "credential"} & set(self._parameters):
            message = "a parameter of a resource is called neither path nor credential"
            raise ValueError(message)

    @property
    def permission(self) -> str:
        """The permission that it asks for."""
        return self._guard.permission

    @property
    def resource(self) -> str:
        """The resource template."""
        return self._guard.template

    def __call__(self, credential: str | None, path: str, params: Mapping[str, object]) -> Principal | Refusal:
        """Decide a request.

        Args:
            credential: What `tokenward.web.credential` found.
            path: What `tokenward.web.target` found.
            params: The parameters of the route. Those that the resource does not name are passed over.

        Raises:
            InputError: `guard_parameter_missing`: the route has no such parameter.
        """
        try:
            named = {name: str(params[name]) for name in self._parameters if name in params}
            return _outcome(self._guard.authorize(credential, path, **named))
        finally:
            del credential


def _outcome(decision: Decision) -> Principal | Refusal:
    if not decision:
        return Refusal.of(decision)
    return Principal.of(decision) or Refusal.because("unavailable", None, decision)
