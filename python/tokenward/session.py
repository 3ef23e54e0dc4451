"""A principal that has proven itself in a realm. Every change is made by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypedDict, final

from ._arguments import ABSENT, Absent, encode, lifetime_days_of, seconds_of
from .issued import Issued
from .records import Binding, Role, Settings, Token, TokenStatus, User

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from . import _native
    from ._arguments import Texts
    from .imports import ImportedToken

__all__ = ["Check", "Session"]


class Check(TypedDict):
    """One of the questions of `can_many`."""

    permission: str
    resource: str


@final
class Session:
    """What a principal may do in a realm, as methods. `Authority.login` and its sisters make sessions.

    A refused call changes nothing. It raises `DeniedError` where the principal lacks the permission that the policy
    names for the operation (`not_permitted`) or would give what it does not hold (`escalation_denied`), `StateError`
    with the code `session_ended` where what proved the session is no longer valid, and `InputError` with a place where
    an argument is wrong. Arguments that are left out are not sent; `None` is not a way to leave one out.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Session) -> None:
        self._native = native

    @property
    def realm(self) -> str:
        """The realm, as a resource: `workspace:hooli`."""
        return self._native.realm

    @property
    def principal(self) -> str:
        """Who acts: `user:ruchita`, `token:ci/deploy`; `system` for the host itself."""
        return self._native.principal

    def __repr__(self) -> str:
        return f"<Session {self.principal} in {self.realm}>"

    def __reduce__(self) -> NoReturn:
        message = "a session is neither pickled nor copied: a process proves its principal itself"
        raise TypeError(message)

    def _call(self, operation: str, **arguments: object) -> Any:
        try:
            return self._native.call(operation, encode(arguments))
        finally:
            del arguments

    # Tokens

    def issue(
        self,
        name: str | Absent = ABSENT,
        *,
        description: str | Absent = ABSENT,
        paths: Texts | Absent = ABSENT,
        roles: Texts | Absent = ABSENT,
        lifetime_days: int | Absent = ABSENT,
        lifetime: timedelta | Absent = ABSENT,
        expires_at: datetime | int | Absent = ABSENT,
        never: bool | Absent = ABSENT,
    ) -> Issued:
        """Issue a token.

        Args:
            name: Its name in the realm, such as `ci/deploy`: required, optional or refused as the policy says.
            description: A text of at most 1024 bytes.
            paths: Path patterns; a request path that matches one of them suffices. Left out, there is no restriction
                by path, where the policy allows that; an empty list is an error.
            roles: Names of roles, as many as the policy asks for.
            lifetime_days: Whole days above zero, or -1: never expires.
            lifetime: The same as a `timedelta` of whole days above zero.
            expires_at: The first instant at which it is no longer valid: an aware `datetime`, or seconds since 1970.
            never: It never expires.

        At most one of the last four. With none, the policy's default lifetime holds.

        Raises:
            InputError: An argument is wrong, with its place, such as `paths[1]`.
            ConflictError: `name_taken`: an unexpired token has the name.
            DeniedError: `not_permitted`, `escalation_denied`; `expiry_exceeds_session` and `paths_exceed_session` for
                a session proven by a token.
        """
        return Issued(
            self._call(
                "issue",
                name=name,
                description=description,
                paths=paths,
                roles=roles,
                lifetime_days=lifetime_days_of(lifetime_days, lifetime),
                expires_at=expires_at,
                never=never,
            )
        )

    def issue_for(
        self,
        resource: str,
        *,
        name: str | Absent = ABSENT,
        description: str | Absent = ABSENT,
        lifetime_days: int | Absent = ABSENT,
        lifetime: timedelta | Absent = ABSENT,
        expires_at: datetime | int | Absent = ABSENT,
        never: bool | Absent = ABSENT,
    ) -> Issued:
        """Issue the token that comes with a resource, with an ad-hoc role that covers that resource only.

        Raises:
            StateError: `resource_token_off`: the policy has no such token for this kind of resource.
        """
        return Issued(
            self._call(
                "issue_for",
                resource=resource,
                name=name,
                description=description,
                lifetime_days=lifetime_days_of(lifetime_days, lifetime),
                expires_at=expires_at,
                never=never,
            )
        )

    def import_tokens(self, tokens: list[ImportedToken] | tuple[ImportedToken, ...]) -> tuple[Token, ...]:
        """Import tokens that another system issued: all of them, or none.

        They keep working as they are, and from its first use on each is stored as our own are. `read_export` makes
        `tokens` of what that system exports. What holds for issuing a token holds for each of them.

        Args:
            tokens: What that system stored of each, and what is said of it here; at most 50,000.

        Raises:
            InputError: A row is wrong, with its place, such as `tokens[3].digest`: `scheme_unknown`, `lookup_invalid`,
                `digest_invalid`, `digest_too_costly` beyond one million rounds of PBKDF2, and as `issue`.
            ConflictError: `import_duplicate`, `name_taken`.
            DeniedError: `not_permitted`, `escalation_denied`.
        """
        return tuple(Token._of(document) for document in self._call("import_tokens", tokens=tokens))

    def rotate(
        self, token: str, *, overlap_seconds: int | Absent = ABSENT, overlap: timedelta | Absent = ABSENT
    ) -> Issued:
        """Issue a new secret for the same name. The old one lives on for the overlap, never past its own expiry.

        Args:
            token: Its name or client id.
            overlap_seconds: How long the old secret lives on. Left out, it ends at once.
            overlap: The same as a `timedelta`.
        """
        return Issued(
            self._call("rotate", token=token, overlap_seconds=seconds_of(overlap_seconds, overlap, "overlap"))
        )

    def tokens(self, *, status: TokenStatus | Absent = ABSENT) -> list[Token]:
        """List the tokens that the principal may see: all of the realm, or its own."""
        return [Token._of(token) for token in self._call("tokens", status=status)]

    def token(self, token: str) -> Token:
        """Look at one token, by its name or client id."""
        return Token._of(self._call("token", token=token))

    def revoke(self, token: str) -> Token:
        """Revoke a token, by its name or client id, for good. No request that begins later in this process succeeds."""
        return Token._of(self._call("revoke", token=token))

    def disable(self, token: str) -> Token:
        """Switch a token off until `enable`."""
        return Token._of(self._call("disable", token=token))

    def enable(self, token: str) -> Token:
        """Switch a disabled token on."""
        return Token._of(self._call("enable", token=token))

    # Roles and bindings

    def create_role(
        self,
        name: str,
        permissions: Texts,
        *,
        description: str | Absent = ABSENT,
        resources: Texts | Absent = ABSENT,
    ) -> Role:
        """Make a custom role.

        Args:
            name: Its name in the realm.
            permissions: Names of permissions, or `["*"]` for every permission, now and later.
            description: A text of at most 1024 bytes.
            resources: Resource patterns that narrow the role: `organization:acme/database:*`. Left out, it holds
                wherever it is bound. A pattern does not cover what is below it, unless it ends in `**`.

        Raises:
            DeniedError: `escalation_denied`: the principal does not hold what the role would give.
        """
        return Role._of(
            self._call("create_role", name=name, permissions=permissions, description=description, resources=resources)
        )

    def update_role(
        self,
        name: str,
        *,
        description: str | Absent = ABSENT,
        permissions: Texts | Absent = ABSENT,
        resources: Texts | Absent = ABSENT,
    ) -> Role:
        """Change a custom role, for everything it is bound to, at once."""
        return Role._of(
            self._call("update_role", name=name, description=description, permissions=permissions, resources=resources)
        )

    def delete_role(self, name: str) -> None:
        """Delete a custom role. Its rights are gone at once; a later role of the same name does not revive bindings."""
        self._call("delete_role", name=name)

    def roles(self) -> list[Role]:
        """List the roles, predefined and custom."""
        return [Role._of(role) for role in self._call("roles")]

    def bind(self, role: str, *, at: str, subjects: Texts, replace: bool | Absent = ABSENT) -> Binding:
        """Give principals a role at a resource and all below it.

        There is one binding per role and resource: its subjects are added to, or set with `replace`.

        Args:
            role: The role's name.
            at: The resource: `workspace:hooli/system:dev`.
            subjects: Principals: `token:ci/deploy`, `user:ruchita`.
            replace: Make these the only subjects of the binding.
        """
        return Binding._of(self._call("bind", role=role, at=at, subjects=subjects, replace=replace))

    def unbind(self, binding: str, *, subjects: Texts | Absent = ABSENT) -> Binding | None:
        """Take subjects out of a binding, by its id, or end it. Gives what is left of it."""
        document = self._call("unbind", binding=binding, subjects=subjects)
        return None if document is None else Binding._of(document)

    def bindings(
        self, *, resource: str | Absent = ABSENT, role: str | Absent = ABSENT, subject: str | Absent = ABSENT
    ) -> list[Binding]:
        """List the bindings, by resource, role or subject."""
        documents = self._call("bindings", resource=resource, role=role, subject=subject)
        return [Binding._of(binding) for binding in documents]

    # Users

    def add_user(self, user: str, *, password: str | Absent = ABSENT) -> User:
        """Make a user known. Without a password only the host can vouch for it."""
        try:
            return User._of(self._call("add_user", user=user, password=password))
        finally:
            del password

    def set_password(self, user: str, password: str) -> None:
        """Set a user's password. It does not touch the user's tokens."""
        try:
            self._call("set_password", user=user, password=password)
        finally:
            del password

    def delete_user(self, user: str) -> None:
        """Delete a user. A later user of the same name does not revive bindings or tokens."""
        self._call("delete_user", user=user)

    def users(self) -> list[User]:
        """List the users."""
        return [User._of(user) for user in self._call("users")]

    # The realm

    def settings(self) -> Settings:
        """Read the switches of the realm."""
        return Settings._of(self._call("settings"))

    def update_settings(
        self,
        *,
        api_access: bool | Absent = ABSENT,
        individual_tokens: bool | Absent = ABSENT,
        maximum_lifetime_days: int | Absent = ABSENT,
    ) -> Settings:
        """Set switches of the realm; those left out stay. A maximum lifetime of -1 is no limit."""
        return Settings._of(
            self._call(
                "update_settings",
                api_access=api_access,
                individual_tokens=individual_tokens,
                maximum_lifetime_days=maximum_lifetime_days,
            )
        )

    def create_resource(self, resource: str) -> None:
        """Make a resource. Its creator gets the role that the policy names for its kind."""
        self._call("create_resource", resource=resource)

    def delete_resource(self, resource: str) -> None:
        """Delete a resource: the bindings at it and below it end."""
        self._call("delete_resource", resource=resource)

    # Questions

    def can(self, permission: str, resource: str) -> bool:
        """Say whether the principal holds a permission at a resource."""
        answer: bool = self._call("can", permission=permission, resource=resource)
        return answer

    def can_many(self, checks: list[Check] | tuple[Check, ...]) -> list[bool]:
        """Answer many questions of `can`, item by item: `[{"permission": ..., "resource": ...}]`."""
        answers: list[bool] = self._call("can_many", checks=checks)
        return answers

    def who_can(self, permission: str, resource: str) -> list[str]:
        """List the principals that hold a permission at a resource."""
        principals: list[str] = self._call("who_can", permission=permission, resource=resource)
        return principals
