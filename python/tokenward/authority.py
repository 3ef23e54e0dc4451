"""Opens a store, holds the registry, answers requests, and makes the sessions that change it."""

from __future__ import annotations

from datetime import datetime, timedelta
from os import PathLike
from typing import TYPE_CHECKING

from . import _native
from ._arguments import ABSENT, Absent, clock_of, encode, seconds_of
from ._fork import watch
from .observation import OnChange, OnDecision, observe
from .publication import Published, Target
from .records import AuditEntry, Realm, instant
from .requests import Requests
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Authority"]

#: Seconds for which a revision is waited for.
_PATIENCE = 5


class Authority(_native.Authority, Requests):
    """A registry of realms, roles, bindings, users and tokens, with the store behind it.

    ```python
    with Authority.open("sqlite:tokens.db", policy="styra-das") as authority:
        decision = authority.authorize(header, "system-write", "workspace:hooli/system:dev", path="/v1/systems/dev")
    ```

    Requests (`authorize`, `authenticate`, `authorize_many`, guards) are decided in memory: they do no input or output,
    take no lock, and may be used from synchronous, asynchronous and threaded code alike. Everything else may wait for
    the store, and lets other threads run while it waits.
    """

    __slots__ = ()

    @classmethod
    def open(
        cls,
        store: str = "memory:",
        policy: str | None = None,
        *,
        replace_policy: bool = False,
        read_only: bool = False,
        minimum_revision: int | None = None,
        max_age_seconds: int | Absent = ABSENT,
        max_age: timedelta | Absent = ABSENT,
        keep_changes: int | None = None,
        keep_days: int | None = None,
        clock: datetime | int | None = None,
    ) -> Self:
        """Open a store, and make it where there is none.

        Args:
            store: `memory:`, `sqlite:PATH`, or `postgresql://user@host:5432/database?schema=tokens&sslmode=verify-full`.
                The schema is `tokenward` where none is named, made where it is missing; `sslmode` and `sslrootcert`
                mean what they mean to libpq. A password may stand in the variable `PGPASSWORD` instead of the address.
            policy: A preset (`default`, `styra-das`, `astra`, `dataprep`) or the text of a policy document, in TOML or
                JSON. `None` is the store's own policy, and `default` for a new store.
            replace_policy: Put the policy in the place of another one that the store has.
            read_only: Never write: for a file or a server that this process may only read. Every change is refused, and
                nobody learns from it when a token was used.
            minimum_revision: A revision that is known to have been reached, kept elsewhere. A store that ends before
                it, such as an old backup, is refused as damaged.
            max_age_seconds: When the store was not reached for longer than this, the answer is `stale` (503), never
                `allowed`. Left out, there is no bound.
            max_age: The same as a `timedelta`.
            keep_changes: How many of the newest changes the store keeps, for `audit` and for replicas that lag. Older
                ones are dropped once a snapshot in the store stands for them. `None`, here and for days: all of them.
            keep_days: For how many days the store keeps a change. With both bounds it keeps what either one asks for.
            clock: A clock that stands still, for tests: an aware `datetime` or seconds since 1970. `None` is the
                system's clock.

        Raises:
            InputError: `store_unknown`, `policy_invalid`, `policy_preset_unknown`, with a place in the document.
            StateError: `policy_mismatch`: the store has another policy.
            StoreError: The store failed, is busy, or is damaged. `log_missing`: it is not there, and `read_only` makes
                none.
        """
        bound = seconds_of(max_age_seconds, max_age, "max_age")
        seconds = None if isinstance(bound, Absent) else bound
        authority = cls(
            store,
            policy,
            replace_policy,
            read_only,
            minimum_revision,
            seconds,
            keep_changes,
            keep_days,
            clock_of(clock),
        )
        watch(authority)
        return authority

    def set_clock(self, clock: datetime | int | None) -> None:
        """Set a clock that stands still, for tests, or the system's clock again with `None`."""
        self._set_clock(clock_of(clock))

    @property
    def age(self) -> timedelta:
        """The time since the state that it holds was known to be the store's."""
        return timedelta(seconds=self._age)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _enter(self, operation: str, arguments: Mapping[str, object]) -> Session:
        try:
            return Session(self._open_session(operation, encode(arguments)))
        finally:
            del arguments

    # Realms and sessions

    def create_realm(
        self, realm: str, *, administrator: str | Absent = ABSENT, settings: Mapping[str, bool | int] | Absent = ABSENT
    ) -> Realm:
        """Make a realm.

        Args:
            realm: The root of its resources: `workspace:hooli`.
            administrator: The principal that gets the policy's administrator role: `user:ruchita`.
            settings: Switches that differ from the policy's: `{"api_access": False}`.

        Raises:
            ConflictError: `realm_exists`.
        """
        arguments = {"realm": realm, "administrator": administrator, "settings": settings}
        return Realm._of(self._call("create_realm", encode(arguments)))

    def realms(self) -> list[Realm]:
        """List the realms."""
        return [Realm._of(realm) for realm in self._call("realms", "{}")]

    def login(self, realm: str, user: str, password: str) -> Session:
        """Open a session that a user's password proves.

        Raises:
            DeniedError: `login_failed`, whatever it was that did not fit.
        """
        try:
            return self._enter("login", {"realm": realm, "user": user, "password": password})
        finally:
            del password

    def login_with_token(self, realm: str, token: str) -> Session:
        """Open a session that a token proves. It is limited to that token: its paths, its rights, its expiry.

        Raises:
            DeniedError: `login_failed`, whatever it was that did not fit.
        """
        try:
            return self._enter("login_with_token", {"realm": realm, "token": token})
        finally:
            del token

    def session(self, realm: str, principal: str) -> Session:
        """Open a session for a principal that the host vouches for, such as the user of its own login page."""
        return self._enter("session", {"realm": realm, "principal": principal})

    def system(self, realm: str) -> Session:
        """Open a session of the host itself, which may do everything: to bootstrap a realm."""
        return self._enter("system", {"realm": realm})

    # State

    def refresh(
        self,
        revision: int | None = None,
        *,
        timeout_seconds: int | Absent = ABSENT,
        timeout: timedelta | Absent = ABSENT,
    ) -> int:
        """Catch up with the store, and give the revision reached.

        Args:
            revision: Wait for this one: to read what was written elsewhere, take the revision along.
            timeout_seconds: For how long; 5 when left out. With 0 the store is looked at once.
            timeout: The same as a `timedelta`.

        Raises:
            StateError: `stale`: the store has not reached the revision by then.
        """
        patience = seconds_of(timeout_seconds, timeout, "timeout")
        return self._refresh(revision, _PATIENCE if isinstance(patience, Absent) else patience)

    def observe(self, *, on_decision: OnDecision | None = None, on_change: OnChange | None = None) -> None:
        """Have hooks told of each decision and of each change from now on, beside those that are there already.

        A hook that raises changes nothing: `sys.unraisablehook` gets the exception, and the hook is called again the
        next time. Hooks are plain functions, of which nothing is awaited.

        Args:
            on_decision: Called after each decision, in the thread that decided; the request waits for it. Of what it
                asks of authorities and verifiers itself nobody is told.
            on_change: Called for each change, once and in order, whichever process made it, within 100 ms, in a thread
                of the authority.
        """
        observe(self, on_decision, on_change)

    def publish(self, target: str | PathLike[str] | Target, *, realm: str | None = None) -> Published:
        """Put the store's newest state where replicas fetch it, such as the edge workers of `tokenward-wasm`.

        Call it after changes, and without one too, well within the maximum age of the replicas: their age counts from
        the last time that it was published. One process at a time publishes to a target.

        Args:
            target: The path of a folder that is there, or an object with `get`, `put` and `delete`. What these raise
                comes through. `latest` is written last: until then replicas see nothing of the rest.
            realm: Only this realm's part, for replicas that serve this realm only.

        Raises:
            StoreError: `publication_foreign`: another store, or another realm, is published there.
                `publication_invalid`: what is there cannot be read. `store_failed`: the folder cannot be written.
            ConflictError: `publication_newer`: a later revision is published there.
            NotFoundError: `realm_not_found`.
        """
        if isinstance(target, str | PathLike):
            revision, published_at, names = self._publish(target, realm)
            return Published(revision=revision, published_at=instant(published_at), written=tuple(names))
        if not all(callable(getattr(target, verb, None)) for verb in ("get", "put", "delete")):
            raise _native.refusal("type_invalid", "target")
        latest = target.get("latest")
        revision, published_at, objects, deleted = self._next_publication(latest, realm)
        for name, content in objects:
            target.put(name, content)
        for name in deleted:
            target.delete(name)
        written = tuple(name for name, _ in objects)
        return Published(revision=revision, published_at=instant(published_at), written=written)

    def audit(
        self, *, realm: str | Absent = ABSENT, after: int | Absent = ABSENT, limit: int | Absent = ABSENT
    ) -> list[AuditEntry]:
        """List who changed what, and when, from the oldest on.

        Args:
            realm: Of this realm only.
            after: Only what came after this revision.
            limit: At most so many; 1000 when left out.
        """
        documents = self._call("audit", encode({"realm": realm, "after": after, "limit": limit}))
        return [AuditEntry._of(entry) for entry in documents]
