"""Tokens that other systems issued, on their way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from ._arguments import ABSENT, Absent, encode
from ._native import read_export as _read_export

if TYPE_CHECKING:
    from datetime import datetime

    from ._arguments import Texts
    from .records import Scheme

__all__ = ["GivenBinding", "ImportedToken", "read_export"]


class GivenBinding(TypedDict):
    """A role that an imported token gets at a resource."""

    role: str
    at: str


class _Stored(TypedDict):
    scheme: Scheme
    digest: str


class ImportedToken(_Stored, total=False):
    """What another system stored of a token, and what is said of it here.

    `scheme` says how that system stores tokens, `digest` is what it stores, in lower-case hexadecimal.
    """

    lookup: str
    """The public part by which that system looks it up: required where the scheme has one."""
    salt: str
    """The salt of the digest, where there is one."""
    iterations: int
    """How many rounds of PBKDF2 made the digest, where that did: at most one million."""
    name: str
    description: str
    paths: Texts
    roles: Texts
    lifetime_days: int
    expires_at: datetime | int
    never: bool
    owner: str
    """The principal whose token it is. Left out, it is the session's."""
    created_at: datetime | int
    last_used: datetime | int
    disabled: bool
    bindings: list[GivenBinding]


def read_export(
    system: Scheme,
    text: str,
    *,
    name: str | Absent = ABSENT,
    unnamed: bool | Absent = ABSENT,
    owner: str | Absent = ABSENT,
    roles: Texts | Absent = ABSENT,
    paths: Texts | Absent = ABSENT,
    lifetime_days: int | Absent = ABSENT,
    prefix: str | Absent = ABSENT,
) -> list[ImportedToken]:
    """Read the tokens of a table that another system exported, for `Session.import_tokens`.

    Rows whose tokens were revoked or have expired are left out.

    Args:
        system: The system, or `sha256` and `sha512` for a table of your own with a column `digest`.
        text: JSON, a list of rows or what Django's `dumpdata` writes; or CSV with a line of column names.
        name: The name of a token, in which `{column}` stands for what a row has there. Left out, it is the one that the
            token has in its system, or one made of whose it is. What a name cannot hold becomes `-`, and the second of
            a name gets `-2`.
        unnamed: Tokens get no names, as some policies want.
        owner: The principal whose token it is, with columns as in `name`. Left out, it is `user:` and the id of the
            user, where the system has one.
        roles: Roles that each token is given.
        paths: Path patterns that each token is restricted to.
        lifetime_days: How many days a token lives at most from now on. Left out, it lives as long as its row says,
            which may be for ever.
        prefix: What tokens of `seam` begin with, so that each is accepted in its one spelling only.

    Raises:
        InputError: With a place such as `rows[3].digest`: `field_missing`, `digest_invalid`, `instant_invalid`;
            `scheme_unknown`, also for a hash that is not known here; `document_invalid` at a line.
    """
    options = encode(
        {
            "name": name,
            "unnamed": unnamed,
            "owner": owner,
            "roles": roles,
            "paths": paths,
            "lifetime_days": lifetime_days,
            "prefix": prefix,
        }
    )
    return cast("list[ImportedToken]", _read_export(system, text, options))
