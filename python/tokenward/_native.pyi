"""The native module. Its classes are used through the package; only `Decision` and `Guard` are public as they are."""

from collections.abc import Callable
from os import PathLike
from typing import Any, NoReturn, final

from typing_extensions import Self, disjoint_base

from .decision import DecisionDocument, Reason, Request, Status
from .errors import TokenwardError
from .observation import Observation
from .records import AuditEntry

__all__ = [
    "Authority",
    "Decider",
    "Decision",
    "Guard",
    "Issued",
    "Session",
    "Verifier",
    "_after_fork",
    "_before_fork",
    "_end_hooks",
    "_panic",
    "read_export",
    "refusal",
    "run_command",
]

def refusal(code: str, place: str, /) -> TokenwardError:
    """Make the error of a code, for the checks that Python has to make itself."""
    ...

def read_export(system: str, text: str, options: str, /) -> list[dict[str, Any]]:
    """Give the rows of the import document, of what a system exported and options as JSON text."""
    ...

def run_command(arguments: list[str], /) -> int:
    """Run the command line and give its exit status."""
    ...

def _before_fork() -> None: ...
def _after_fork() -> None: ...
def _end_hooks() -> None: ...
def _panic() -> NoReturn:
    """Panic in native code, to see that it ends as an `InternalError`."""
    ...

@final
class Decision:
    """The answer to a request. It is true when the request is allowed.

    ```python
    decision = authority.authorize(header, "system-write", "workspace:hooli/system:dev")
    if not decision:
        return Response(status=decision.status, headers={"WWW-Authenticate": decision.www_authenticate})
    ```

    A denial is an answer, not an error. Who it was is known only when the secret matched.
    """

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed."""
        ...

    @property
    def reason(self) -> Reason:
        """Why, as a permanent code. For the host's own log: from outside, all 401 look the same."""
        ...

    @property
    def status(self) -> Status:
        """The HTTP status that fits: 200, 400, 401, 403 or 503."""
        ...

    @property
    def www_authenticate(self) -> str | None:
        """The `WWW-Authenticate` header that fits (RFC 6750), where there is one."""
        ...

    @property
    def retry_after(self) -> int | None:
        """The seconds of the `Retry-After` header of a 503; `None` for every other status."""
        ...

    @property
    def principal(self) -> str | None:
        """Who asks: `user:ruchita` where tokens have their owner's rights, `token:ci/deploy` else."""
        ...

    @property
    def owner(self) -> str | None:
        """Who the token belongs to."""
        ...

    @property
    def token_id(self) -> str | None:
        """The token's client id."""
        ...

    @property
    def token_name(self) -> str | None:
        """The token's name."""
        ...

    @property
    def realm(self) -> str | None:
        """The token's realm."""
        ...

    @property
    def revision(self) -> int:
        """The revision of the registry that it was decided from."""
        ...

    def to_dict(self) -> DecisionDocument:
        """Give it as a document, spelled the same in every language."""
        ...

    def __bool__(self) -> bool: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Guard:
    """A permission and a resource template, checked once and used for every request.

    ```python
    guard = authority.guard("db-table-select", "organization:{org}/database:{db}")
    decision = guard.authorize(header, "/v1/tables", org="acme", db="42")
    ```
    """

    @property
    def permission(self) -> str:
        """The permission that it asks for."""
        ...

    @property
    def template(self) -> str:
        """The resource template."""
        ...

    def authorize(self, credential: str | None, path: str | None = None, **params: str) -> Decision:
        """Decide a request.

        Args:
            credential: The whole `Authorization` header, or a bare token; `None`: the request has none.
            path: The path of the request's target, where tokens are restricted by path.
            **params: The parameters of the template.
        """
        ...

    def __reduce__(self) -> NoReturn: ...

@disjoint_base
class Decider:
    """The base of `Authority` and `Verifier`: what decides requests."""

    def authenticate(self, credential: str | None, realm: str | None = None, path: str | None = None) -> Decision:
        """Say who asks, whatever it asks for.

        Args:
            credential: The whole `Authorization` header, or a bare token; `None`: the request has none.
            realm: Accept tokens of this realm only.
            path: The path of the request's target, to accept only tokens that may reach it. `None` is any path.
        """
        ...

    def authorize(self, credential: str | None, permission: str, resource: str, path: str | None = None) -> Decision:
        """Decide a request.

        Args:
            credential: The whole `Authorization` header, or a bare token; `None`: the request has none.
            permission: What the request needs: `system-write`.
            resource: Where it needs it: `workspace:hooli/system:dev`.
            path: The path of the request's target, where tokens are restricted by path.
        """
        ...

    def authorize_many(self, requests: list[Request] | tuple[Request, ...]) -> list[Decision]:
        """Decide many requests at one revision: `[{"credential", "permission", "resource", "path"}]`."""
        ...

    def guard(self, permission: str, template: str) -> Guard:
        """Check a permission and a resource template once, at start-up.

        Args:
            permission: What the requests need: `db-table-select`.
            template: Where they need it: `organization:{org}/database:{db}`.

        Raises:
            InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`.
        """
        ...

    @property
    def revision(self) -> int:
        """The number of changes that its state was made by."""
        ...

    def _call(self, operation: str, arguments: str, /) -> Any: ...
    def _observe(
        self,
        decision: tuple[Callable[[dict[str, Any]], Observation], Callable[[Observation], object]] | None,
        change: tuple[Callable[[dict[str, Any]], AuditEntry], Callable[[AuditEntry], object]] | None,
        /,
    ) -> None: ...
    def _set_clock(self, clock: int | None, /) -> None: ...
    def __reduce__(self) -> NoReturn: ...

@disjoint_base
class Authority(Decider):
    def __new__(
        cls,
        store: str,
        policy: str | None,
        replace_policy: bool,
        read_only: bool,
        minimum_revision: int | None,
        max_age_seconds: int | None,
        keep_changes: int | None,
        keep_days: int | None,
        clock: int | None,
        /,
    ) -> Self: ...
    def _refresh(self, revision: int | None, timeout_seconds: int, /) -> int: ...
    def snapshot(self, *, realm: str | None = None) -> bytes:
        """Give the registry at its present revision as bytes, for verifiers. It holds no secret.

        Args:
            realm: Only this realm's part, for verifiers that serve this realm only: no name, token or role of another.

        Raises:
            NotFoundError: `realm_not_found`.
        """
        ...

    def events(self, after: int, *, realm: str | None = None) -> str:
        """Give what came after a revision, for `Verifier.apply`.

        Args:
            after: The revision of the verifier.
            realm: For verifiers of this realm. Of others they are told how many changes there were.

        Raises:
            StoreError: `log_missing`: the log does not reach back so far, or more lies in between than a verifier takes
                at once. Take a snapshot.
        """
        ...

    def _publish(self, path: str | PathLike[str], realm: str | None, /) -> tuple[int, int, list[str]]: ...
    def _next_publication(
        self, latest: bytes | None, realm: str | None, /
    ) -> tuple[int, int, list[tuple[str, bytes]], list[str]]: ...
    def close(self) -> None:
        """Close the store. Later changes raise `StateError` (`closed`), later requests are `unavailable` (503)."""
        ...

    def _open_session(self, operation: str, arguments: str, /) -> Session: ...
    @property
    def _age(self) -> int: ...
    def _resume_after_fork(self) -> None: ...

@disjoint_base
class Verifier(Decider):
    def __new__(cls, snapshot: bytes | bytearray, max_age_seconds: int | None, clock: int | None, /) -> Self: ...
    def apply(self, events: str | bytes | bytearray) -> int:
        """Follow the authority by its events, and give the revision reached.

        Events that it has already are passed over. An empty list of events says that nothing is new.

        Raises:
            StoreError: `event_invalid`: they do not follow the state. Load a snapshot anew.
        """
        ...

    @property
    def _age(self) -> int: ...

@final
class Session:
    @property
    def realm(self) -> str: ...
    @property
    def principal(self) -> str: ...
    def call(self, operation: str, arguments: str, /) -> Any: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Issued:
    @property
    def token(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...
    def document(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...
    def to_csv(self) -> str: ...
    def __reduce__(self) -> NoReturn: ...
