"""What can go wrong: one base class, one subclass per category, permanent codes.

A denied request is not an error: it is a `Decision` that is falsy. Errors are for calls that were wrong, changes that
were refused, and stores that failed.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ConflictError",
    "DeniedError",
    "InputError",
    "InternalError",
    "NotFoundError",
    "StateError",
    "StoreError",
    "TokenwardError",
]


class TokenwardError(Exception):
    """The base of every error that tokenward raises.

    Match on `code`, which is permanent, never on the message. Neither the message nor the place contains anything of
    the input: what was refused may be a secret.

    Attributes:
        code: The permanent snake_case code, such as `name_taken`. The core's error table lists them all.
        place: What the error concerns: a field, an index, a line, such as `paths[1]`. Empty when it is the whole call.
        category: The kind of error, which is also the subclass: `input`, `denied`, `not_found`, `conflict`, `state`,
            `store` or `internal`.
    """

    code: str
    place: str
    category: str

    def __init__(self, message: str, *, code: str, place: str = "", category: str = "internal") -> None:
        super().__init__(message)
        self.code = code
        self.place = place
        self.category = category

    def __repr__(self) -> str:
        at = f", place={self.place!r}" if self.place else ""
        return f"{type(self).__name__}({str(self)!r}, code={self.code!r}{at})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_of, (self.category, self.code, self.place, str(self)))


class InputError(TokenwardError):
    """The call was wrong: a field, a number, a name, a document."""


class DeniedError(TokenwardError):
    """The session's principal may not do this. Nothing was changed."""


class NotFoundError(TokenwardError):
    """What the call names does not exist."""


class ConflictError(TokenwardError):
    """It exists already, or it changed in between."""


class StateError(TokenwardError):
    """The registry, the realm, the session or the authority does not permit this now."""


class StoreError(TokenwardError):
    """The store failed, is busy or is damaged."""


class InternalError(TokenwardError):
    """The library failed; please report it."""


# A category that this version does not know falls back to the base class.
_CLASSES: Final[dict[str, type[TokenwardError]]] = {
    "input": InputError,
    "denied": DeniedError,
    "not_found": NotFoundError,
    "conflict": ConflictError,
    "state": StateError,
    "store": StoreError,
    "internal": InternalError,
}


def _of(category: str, code: str, place: str, message: str) -> TokenwardError:
    """Make the error of a category. The native module calls this; it never chooses by code."""
    kind = _CLASSES.get(category, TokenwardError)
    return kind(message, code=code, place=place, category=category)
