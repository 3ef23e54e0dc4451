"""The questions about a request that have a document for an answer; authorities and verifiers both answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from ._arguments import ABSENT, Absent, encode
from .decision import Explanation
from .records import Lint

if TYPE_CHECKING:
    from ._arguments import Texts

__all__ = ["Introspection", "Requests"]


class _Introspection(TypedDict):
    active: bool


class Introspection(_Introspection, total=False):
    """The answer of RFC 7662. Of anything that is not active it says `{"active": False}` and nothing else."""

    client_id: str
    sub: str
    username: str
    iss: str
    iat: int
    exp: int
    scope: str
    token_type: str


class Requests:
    """`introspect`, `explain`, `lint` and what is asked of the policy, over the native class's one call."""

    __slots__ = ()

    def _call(self, operation: str, arguments: str, /) -> Any:
        """Hand JSON text to the core. The native class beside this one has it."""
        raise NotImplementedError

    def introspect(self, token: str, *, realm: str | Absent = ABSENT) -> Introspection:
        """Say what a token is, as RFC 7662 puts it: what an introspection endpoint answers.

        Args:
            token: The whole token.
            realm: Answer for this realm only: a token of another one is not active.
        """
        try:
            answer: Introspection = self._call("introspect", encode({"token": token, "realm": realm}))
        finally:
            del token
        return answer

    def explain(self, credential: str | None, permission: str, resource: str, path: str | None = None) -> Explanation:
        """Say why a request is allowed or denied: each step, and what would have satisfied the one that failed.

        The arguments are those of `authorize`. It is for the host's own operators: it tells more than a client may
        know.
        """
        arguments = {
            "credential": credential,
            "permission": permission,
            "resource": resource,
            "path": ABSENT if path is None else path,
        }
        try:
            return Explanation._of(self._call("explain", encode(arguments)))
        finally:
            del credential, arguments

    def lint(self, patterns: Texts) -> list[Lint]:
        """Warn of path patterns that may match other than meant, such as `^/data/foo`, which matches `/data/foobar`."""
        return [Lint._of(warning) for warning in self._call("lint", encode({"patterns": patterns}))]

    def policy(self) -> dict[str, Any]:
        """Give the policy as a document."""
        document: dict[str, Any] = self._call("policy", "{}")
        return document

    def scan_pattern(self) -> str:
        """Give the regular expression that finds the policy's tokens in text, for secret scanners."""
        pattern: str = self._call("scan_pattern", "{}")
        return pattern
