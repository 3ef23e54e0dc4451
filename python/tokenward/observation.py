"""What hooks are told of: each decision, by names that hold no secret. Of changes they are told an `AuditEntry`."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _native
from .records import AuditEntry

if TYPE_CHECKING:
    from .decision import Reason, Status

__all__ = ["Observation", "OnChange", "OnDecision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a hook is told of a decision.

    Nothing here is taken from the request but what the policy or the registry knows already: no credential, no path, no
    resource.
    """

    reason: Reason
    """Why."""
    status: Status
    """The HTTP status."""
    permission: str | None
    """The permission asked for; `None` where none was, or nobody knows such a permission."""
    realm: str | None
    """The token's realm. This and what follows about a token only if its secret matched."""
    token_id: str | None
    """The token's client id, which is public."""
    principal: str | None
    """Whom the request acts as."""
    revision: int
    """The revision of the state that decided."""
    duration_ns: int
    """How long deciding took, in nanoseconds. Of `authorize_many` each decision has its part of the whole."""

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed."""
        return self.reason == "allowed"

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Observation:
        return cls(**document)


#: What is called after each decision.
OnDecision: TypeAlias = Callable[[Observation], object]

#: What is called for each change.
OnChange: TypeAlias = Callable[[AuditEntry], object]


def observe(decider: _native.Decider, on_decision: OnDecision | None, on_change: OnChange | None) -> None:
    """Have hooks told by an authority or a verifier."""
    for place, hook in (("on_decision", on_decision), ("on_change", on_change)):
        if hook is not None and not callable(hook):
            raise _native.refusal("type_invalid", place)
    decider._observe(
        None if on_decision is None else (Observation._of, on_decision),
        None if on_change is None else (AuditEntry._of, on_change),
    )


# A thread of the host that asked an interpreter that ends for its turn would be ended by it.
atexit.register(_native._end_hooks)
