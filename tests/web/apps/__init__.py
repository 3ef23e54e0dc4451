"""The app of the table, once for each framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import settings as settings

if TYPE_CHECKING:
    from tokenward.web import Principal


def described(principal: Principal) -> dict[str, str | None]:
    """What every route answers."""
    return {
        "principal": principal.name,
        "owner": principal.owner,
        "token_id": principal.token_id,
        "token_name": principal.token_name,
        "realm": principal.realm,
    }
