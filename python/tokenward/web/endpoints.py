"""Introspection (RFC 7662) and revocation (RFC 7009) of tokens: what the endpoints answer to a form."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from ..authority import Authority
from ..errors import NotFoundError, TokenwardError
from .answer import Answer, Refusal

if TYPE_CHECKING:
    from ..verifier import Verifier
    from .gate import Gate

__all__ = ["FORM_BYTES", "introspection", "revocation", "revoker"]

#: The longest form that is read. A token has at most 256 bytes.
FORM_BYTES: Final = 4096

_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_FORM_FIELDS: Final = 16


def introspection(decider: Authority | Verifier, realm: str | None, content_type: str | None, body: bytes) -> Answer:
    """Answer an introspection request of a caller that may ask: of what is not active, exactly `{"active": false}`."""
    try:
        token = _token(content_type, body)
        if token is None:
            return Refusal.because("invalid_request")
        document = decider.introspect(token) if realm is None else decider.introspect(token, realm=realm)
        return Answer.of_json(document)
    except TokenwardError as error:
        # What is too long to be a token is not an active one; anything else is the store's.
        return Answer.of_json({"active": False}) if error.category == "input" else Refusal.because("unavailable")
    finally:
        token = body = None  # type: ignore[assignment]  # neither stays in the frames of a traceback


def revoker(gate: Gate) -> Authority:
    """Give the authority that an endpoint for revocation needs.

    Raises:
        TypeError: There is only a verifier.
    """
    if not isinstance(gate.decider, Authority):
        message = "a verifier cannot revoke: the endpoint needs an authority"
        raise TypeError(message)
    return gate.decider


def revocation(authority: Authority, realm: str | None, content_type: str | None, body: bytes) -> Answer:
    """Answer a revocation request. Whoever presents a token may revoke it; of an unknown one there is nothing to do.

    It waits for the store.
    """
    try:
        token = _token(content_type, body)
        if token is None:
            return Refusal.because("invalid_request")
        # A header value is a credential, and not a token.
        decision = authority.authenticate(None if " " in token else token)
        if decision.retry_after is not None:
            return Refusal.of(decision)
        held, token_id = decision.realm, decision.token_id
        final = decision.reason in ("token_revoked", "token_expired")
        if held is not None and token_id is not None and realm in (None, held) and not final:
            authority.system(held).revoke(token_id)
    except NotFoundError:
        pass  # somebody else was faster
    except TokenwardError:
        return Refusal.because("unavailable")
    finally:
        token = body = None  # type: ignore[assignment]
    return Answer(HTTPStatus.OK, (("Cache-Control", "no-store"),), b"")


def _token(content_type: str | None, body: bytes) -> str | None:
    """Give the one `token` of a form."""
    if (content_type or "").partition(";")[0].strip().lower() != _FORM_TYPE or len(body) > FORM_BYTES:
        return None
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError:
        return None
    tokens = [value for name, value in fields if name == "token"]
    return tokens[0] if len(tokens) == 1 and tokens[0] else None
