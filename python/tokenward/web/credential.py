"""The one credential of a request: from `Authorization`, or from the extra header that was configured.

It is never taken from the query string, the body or a cookie. Two lines, or both headers at once, are malformed even
when they say the same, so that no proxy before and no framework behind can pick another one than was judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["of_asgi", "of_wsgi"]

#: What the core takes for malformed, so that it answers with its own challenge.
_MALFORMED: Final = ","


def of_asgi(headers: Iterable[tuple[bytes, bytes]], extra: str | None) -> str | None:
    """Take the credential from the headers of an ASGI scope."""
    wanted = (b"authorization",) if extra is None else (b"authorization", extra.lower().encode("ascii"))
    return _only([value.decode("latin-1") for name, value in headers if name.lower() in wanted])


def of_wsgi(environ: Mapping[str, Any], extra: str | None) -> str | None:
    """Take the credential from a WSGI environment, where servers have joined equal headers with a comma."""
    wanted = ["HTTP_AUTHORIZATION"]
    if extra is not None:
        wanted.append("HTTP_" + extra.upper().replace("-", "_"))
    return _only([environ[name] for name in wanted if name in environ])


def _only(found: list[str]) -> str | None:
    if len(found) > 1:
        return _MALFORMED
    return found[0] if found else None
