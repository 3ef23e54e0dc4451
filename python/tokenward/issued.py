"""A fresh token, shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, final

from .records import instant_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from . import _native

__all__ = ["Issued"]


@final
class Issued:
    """What issuing or rotating a token answers, once. The registry keeps a digest and cannot answer it again.

    The secret is read by name (`token`, `client_secret`) or by asking for a file (`to_json`, `to_csv`). It is not in
    the `repr`, not among the attributes that `vars` or a debugger lists, and it is neither pickled nor copied.

    ```python
    issued = session.issue(name="ci/deploy", paths=["^/v1/"], lifetime_days=30)
    print(issued.token)
    ```
    """

    __slots__ = ("_document", "_native")

    def __init__(self, native: _native.Issued) -> None:
        self._native = native
        self._document: dict[str, Any] = native.document()

    @property
    def token(self) -> str:
        """The whole token: what a client sends as `Authorization: Bearer <token>`. Secret."""
        return self._native.token

    @property
    def client_secret(self) -> str:
        """The secret part: the password of Basic authentication whose user name is the client id. Secret."""
        return self._native.client_secret

    @property
    def client_id(self) -> str:
        """The public part, which names the token in lists, logs and `revoke`."""
        return self._native.client_id

    @property
    def name(self) -> str | None:
        """The name within the realm, where the policy gives names."""
        name: str | None = self._document["name"]
        return name

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles given at issue."""
        return tuple(self._document["roles"])

    @property
    def expires_at(self) -> datetime | None:
        """The first instant at which it is no longer valid; `None`: it never expires."""
        return instant_or_none(self._document["expires_at"])

    def to_json(self) -> str:
        """Write the file to download: `{"clientId", "secret", "token"}`. Secret."""
        return self._native.to_json()

    def to_csv(self) -> str:
        """Write the file to download: `"Client Id","Client Secret","Role","Token"` and one row. Secret."""
        return self._native.to_csv()

    def __repr__(self) -> str:
        return f"<Issued client_id={self.client_id!r} token=<redacted>>"

    def __reduce__(self) -> NoReturn:
        message = "an issued token is neither pickled nor copied; hand over what is needed of it by name"
        raise TypeError(message)
