"""Answers that every framework gives alike: a status, headers, and the bytes of a body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from ..decision import Decision

__all__ = ["PROBLEM_TYPE", "Answer", "Code", "Refusal"]

#: The permanent codes in the body of a refusal. Those of RFC 6750 have its names.
Code: TypeAlias = Literal["invalid_request", "no_credential", "invalid_token", "insufficient_scope", "unavailable"]

PROBLEM_TYPE: Final = "application/problem+json"

#: What decisions say, for refusals that come without one.
_RETRY_AFTER_SECONDS: Final = 5

_DETAILS: Final[dict[Code, tuple[HTTPStatus, str]]] = {
    "invalid_request": (HTTPStatus.BAD_REQUEST, "The request is not in a form that can be read."),
    "no_credential": (HTTPStatus.UNAUTHORIZED, "The request carries no credential."),
    "invalid_token": (HTTPStatus.UNAUTHORIZED, "The token is not valid here."),
    "insufficient_scope": (HTTPStatus.FORBIDDEN, "The token does not permit this request."),
    "unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "Requests cannot be decided at present."),
}

_CODES: Final[dict[int, Code]] = {400: "invalid_request", 401: "invalid_token", 403: "insufficient_scope"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, before a framework makes it its own."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """All headers but the length of the body, `Content-Type` among them."""
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The headers as a dictionary, for frameworks that want one."""
        return dict(self.headers)

    @classmethod
    def of_json(cls, document: Any) -> Answer:
        """Answer with a document that no cache may keep."""
        headers = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
        return cls(HTTPStatus.OK, headers, json.dumps(document).encode())


@dataclass(frozen=True, slots=True)
class Refusal(Answer):
    """The answer to a request that may not go on: a problem document (RFC 9457) with a permanent code.

    All tokens that are not valid get one and the same answer. Why a token was refused is in `decision.reason`, for the
    host's own log.
    """

    code: Code
    decision: Decision | None
    """What it answers for. `None`: the request was refused before anything was decided."""

    @property
    def problem(self) -> dict[str, str | int]:
        """The body as a document."""
        return _PROBLEMS[self.code]

    @classmethod
    def of(cls, decision: Decision) -> Refusal:
        """Give the answer that fits a decision that does not allow."""
        return cls.because(_code(decision), decision.www_authenticate, decision)

    @classmethod
    def because(cls, code: Code, challenge: str | None = None, decision: Decision | None = None) -> Refusal:
        """Give the answer with a code, and a challenge where there is one."""
        headers = [("Content-Type", PROBLEM_TYPE)]
        if challenge is not None:
            headers.append(("WWW-Authenticate", challenge))
        if code == "unavailable":
            seconds = None if decision is None else decision.retry_after
            headers.append(("Retry-After", str(_RETRY_AFTER_SECONDS if seconds is None else seconds)))
        status, _ = _DETAILS[code]
        return cls(status.value, tuple(headers), _BODIES[code], code, decision)


def _code(decision: Decision) -> Code:
    if decision.reason == "no_credential":
        return "no_credential"
    return _CODES.get(decision.status, "unavailable")


def _problem(code: Code) -> dict[str, str | int]:
    status, detail = _DETAILS[code]
    # Of the type about:blank, the title is the phrase of the status (RFC 9457, section 4.2.1).
    return {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, "code": code}


_PROBLEMS: Final = {code: _problem(code) for code in _DETAILS}
_BODIES: Final = {code: json.dumps(problem).encode() for code, problem in _PROBLEMS.items()}
