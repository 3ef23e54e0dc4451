"""The answer to a request, and the chain that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from ._native import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Decision", "DecisionDocument", "Explanation", "Reason", "Request", "Status", "Step"]

#: Why a request was allowed or denied. For the host's own log: from outside, all 401 look the same.
Reason: TypeAlias = Literal[
    "allowed",
    "no_credential",
    "request_malformed",
    "path_invalid",
    "token_malformed",
    "token_unknown",
    "secret_mismatch",
    "token_expired",
    "token_not_yet_valid",
    "token_revoked",
    "token_disabled",
    "realm_mismatch",
    "api_access_disabled",
    "owner_removed",
    "path_not_allowed",
    "permission_missing",
    "permission_unknown",
    "resource_invalid",
    "stale",
    "clock_implausible",
    "unavailable",
]

#: The HTTP status that fits the reason.
Status: TypeAlias = Literal[200, 400, 401, 403, 503]


class DecisionDocument(TypedDict):
    """A decision as a document, spelled the same in every language. `Decision.to_dict` gives it."""

    allowed: bool
    reason: Reason
    status: Status
    www_authenticate: str | None
    retry_after: int | None
    principal: str | None
    owner: str | None
    token_id: str | None
    token_name: str | None
    realm: str | None
    revision: int


class _Request(TypedDict):
    credential: str | None
    permission: str
    resource: str


class Request(_Request, total=False):
    """One of the requests of `authorize_many`."""

    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way to a decision."""

    step: str
    passed: bool
    detail: Mapping[str, Any]
    """What the step looked at: which binding, which role, at which resource, which path pattern."""

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Step:
        detail = dict(document)
        return cls(step=detail.pop("step"), passed=detail.pop("passed"), detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The chain that led to a decision, or the first step that failed and what would have satisfied it."""

    decision: DecisionDocument
    steps: tuple[Step, ...]
    remedy: str | None

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Explanation:
        return cls(
            decision=document["decision"],
            steps=tuple(Step._of(step) for step in document["steps"]),
            remedy=document["remedy"],
        )
