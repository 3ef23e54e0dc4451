"""The path of a request's target, undecoded, as the core wants it; and whether the router acts on that path.

The core decodes once, by its own rules, and refuses what could be read in two ways. So it has to see the path before
the server decodes it: `raw_path` in ASGI, `RAW_URI` (gunicorn, Werkzeug) or `REQUEST_URI` (uWSGI, mod_wsgi) in WSGI.
Where a server hands over none, the decoded path is encoded again: then `%2F` cannot be told from `/`, and what is
decided on is the path that the router acts on.

A raw path that does not decode to the path that the router acts on was rewritten in between. It is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNREADABLE", "of_asgi", "of_wsgi"]

#: A path that the core refuses.
UNREADABLE: Final = ""

#: What a segment may hold as it is (RFC 3986, section 3.3).
_SAFE: Final = "/:@!$&'()*+,;=-._~"


def of_asgi(scope: Mapping[str, Any]) -> str:
    """Give the path of an ASGI scope."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        return quote(path, safe=_SAFE)
    return _agreed(raw.decode("latin-1"), path.encode("utf-8", "replace"), scope.get("root_path", "").encode())


def of_wsgi(environ: Mapping[str, Any]) -> str:
    """Give the path of a WSGI environment."""
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace")
    mount = environ.get("SCRIPT_NAME", "").encode("latin-1", "replace")
    raw: str | None = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:
        return quote(mount + path, safe=_SAFE)
    return _agreed(raw, path, mount)


def _agreed(raw: str, path: bytes, mount: bytes) -> str:
    """Give the raw path if the router acts on it: with the prefix that the application is mounted at, or without."""
    raw = raw.partition("?")[0]
    # Bytes that are not UTF-8 are replaced by some servers. The core refuses them in any case.
    decoded = unquote_to_bytes(raw.encode("latin-1", "replace")).decode("utf-8", "replace").encode()
    return raw if decoded in (path, mount + path) else UNREADABLE
