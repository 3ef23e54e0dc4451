"""What the registry holds, as frozen typed results. Lists are tuples, instants are aware `datetime`s in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Literal, TypeAlias

__all__ = [
    "AuditEntry",
    "Binding",
    "Lint",
    "Origin",
    "Realm",
    "Role",
    "Scheme",
    "Settings",
    "Token",
    "TokenStatus",
    "User",
]

#: Where a token is in its life. `disabled` is reversible, `expired` frees the name, `revoked` is final.
TokenStatus: TypeAlias = Literal["active", "expired", "revoked", "disabled"]

#: How a system stores its tokens.
Scheme: TypeAlias = Literal["knox", "drf_api_key", "sanctum", "better_auth", "seam", "sha256", "sha512"]

_Document: TypeAlias = dict[str, Any]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


def instant(seconds: int) -> datetime:
    """Convert seconds since 1970 to an aware `datetime`, up to the year 9999 on every platform."""
    return _EPOCH + timedelta(seconds=seconds)


def instant_or_none(seconds: int | None) -> datetime | None:
    """Convert seconds since 1970 where there are any."""
    return None if seconds is None else instant(seconds)


def _texts_or_none(texts: list[str] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The system that an imported token comes from."""

    scheme: Scheme
    """How that system stores it."""
    lookup: str | None
    """The public part by which that system looks it up, where it has one."""
    rehashed: bool
    """Whether it is stored as our own are by now: since its first use, or because its system stores the same."""

    @classmethod
    def _of(cls, document: _Document) -> Origin:
        return cls(scheme=document["scheme"], lookup=document["lookup"], rehashed=document["rehashed"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as the registry knows it. Its secret is not here, nor anywhere else."""

    client_id: str
    """The public part, which names the token for good."""
    name: str | None
    """The name within the realm, where the policy gives names."""
    description: str | None
    paths: tuple[str, ...] | None
    """The path patterns, or `None`: not restricted by path."""
    roles: tuple[str, ...]
    """The roles given at issue."""
    owner: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    """`None`: it never expires."""
    last_used: datetime | None
    status: TokenStatus
    origin: Origin | None = None
    """Where it was imported from, or `None`: it was issued here."""

    @classmethod
    def _of(cls, document: _Document) -> Token:
        return cls(
            client_id=document["client_id"],
            name=document["name"],
            description=document["description"],
            paths=_texts_or_none(document["paths"]),
            roles=tuple(document["roles"]),
            owner=document["owner"],
            created_by=document["created_by"],
            created_at=instant(document["created_at"]),
            expires_at=instant_or_none(document["expires_at"]),
            last_used=instant_or_none(document["last_used"]),
            status=document["status"],
            origin=None if document["origin"] is None else Origin._of(document["origin"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A named set of permissions, predefined by the policy or made in the realm."""

    name: str
    description: str | None
    permissions: tuple[str, ...]
    """Names of permissions; `*` is every permission, now and later."""
    resources: tuple[str, ...] | None
    """The resource patterns that narrow the role, or `None`: it is not narrowed."""
    predefined: bool

    @classmethod
    def _of(cls, document: _Document) -> Role:
        return cls(
            name=document["name"],
            description=document["description"],
            permissions=tuple(document["permissions"]),
            resources=_texts_or_none(document["resources"]),
            predefined=document["predefined"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A role, the resource it holds at and below, and the principals that have it there."""

    id: str
    role: str
    resource: str
    subjects: tuple[str, ...]
    created_at: datetime
    created_by: str

    @classmethod
    def _of(cls, document: _Document) -> Binding:
        return cls(
            id=document["id"],
            role=document["role"],
            resource=document["resource"],
            subjects=tuple(document["subjects"]),
            created_at=instant(document["created_at"]),
            created_by=document["created_by"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user that the realm knows by name, with a password of its own or vouched for by the host."""

    user: str
    created_at: datetime
    has_password: bool

    @classmethod
    def _of(cls, document: _Document) -> User:
        return cls(
            user=document["user"],
            created_at=instant(document["created_at"]),
            has_password=document["has_password"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The switches of a realm."""

    api_access: bool
    """Whether any token of the realm works."""
    individual_tokens: bool
    """Whether others than administrators may issue tokens."""
    maximum_lifetime_days: int
    """The longest lifetime of a token; -1 is no limit."""

    @classmethod
    def _of(cls, document: _Document) -> Settings:
        return cls(
            api_access=document["api_access"],
            individual_tokens=document["individual_tokens"],
            maximum_lifetime_days=document["maximum_lifetime_days"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """The boundary in which tokens are issued and valid."""

    realm: str
    created_at: datetime
    settings: Settings

    @classmethod
    def _of(cls, document: _Document) -> Realm:
        return cls(
            realm=document["realm"],
            created_at=instant(document["created_at"]),
            settings=Settings._of(document["settings"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who changed what, and when."""

    revision: int
    at: datetime
    by: str | None
    realm: str | None
    operation: str
    subject: str | None

    @classmethod
    def _of(cls, document: _Document) -> AuditEntry:
        return cls(
            revision=document["revision"],
            at=instant(document["at"]),
            by=document["by"],
            realm=document["realm"],
            operation=document["operation"],
            subject=document["subject"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """A warning about a path pattern that may match other than meant."""

    index: int
    """Which of the patterns."""
    code: str
    message: str

    @classmethod
    def _of(cls, document: _Document) -> Lint:
        return cls(index=document["index"], code=document["code"], message=document["message"])
