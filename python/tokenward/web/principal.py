"""Who a request comes from, as handlers are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..decision import Decision

__all__ = ["Principal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a request comes from. Its token was live, and allowed to do what was asked.

    It has the few names that Django, Django REST framework and Starlette ask of a user.
    """

    name: str
    """`user:ruchita` where tokens have their owner's rights, `token:ci/deploy` else."""
    realm: str
    """The realm of the token: `workspace:hooli`."""
    token_id: str
    """The token's client id, which is public."""
    token_name: str | None
    owner: str | None
    """Who the token belongs to."""

    @classmethod
    def of(cls, decision: Decision) -> Principal | None:
        """Give who an allowed decision is about. `None` when its token is no longer known."""
        name, realm, token_id = decision.principal, decision.realm, decision.token_id
        if not decision.allowed or name is None or realm is None or token_id is None:
            return None
        return cls(name=name, realm=realm, token_id=token_id, token_name=decision.token_name, owner=decision.owner)

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> bool:
        """True: there is no principal of an anonymous request."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """False."""
        return False

    @property
    def is_active(self) -> bool:
        """True: a token that is not live has no principal."""
        return True

    @property
    def display_name(self) -> str:
        """The name."""
        return self.name

    @property
    def identity(self) -> str:
        """The realm and the name, which together say who it is."""
        return f"{self.realm}/{self.name}"
