"""The path that is decided on is the one on the wire, and the one that the router acts on."""

from __future__ import annotations

from typing import Any

import pytest
from tokenward import Authority
from tokenward.web import Gate, target


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ({"path": "/a/b", "raw_path": b"/a/b"}, "/a/b"),
        ({"path": "/a/b", "raw_path": b"/a%2Fb"}, "/a%2Fb"),
        ({"path": "/a b", "raw_path": b"/a%20b", "root_path": ""}, "/a%20b"),
        ({"path": "/b", "raw_path": b"/api/b", "root_path": "/api"}, "/api/b"),
        ({"path": "/api/b", "raw_path": b"/api/b", "root_path": "/api"}, "/api/b"),
        ({"path": "/admin", "raw_path": b"/public"}, target.UNREADABLE),
        ({"path": "/admin", "raw_path": b"http://host/admin"}, target.UNREADABLE),
        ({"path": "/a%b;c"}, "/a%25b;c"),
        ({"path": "/a/../b"}, "/a/../b"),
        ({"path": "/caf\u00e9?"}, "/caf%C3%A9%3F"),
        ({"path": "/a", "raw_path": None}, "/a"),
    ],
)
def test_asgi(scope: dict[str, Any], path: str) -> None:
    assert target.of_asgi(scope) == path


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"PATH_INFO": "/a/b", "RAW_URI": "/a%2Fb?x=/.."}, "/a%2Fb"),
        ({"PATH_INFO": "/b", "SCRIPT_NAME": "/api", "REQUEST_URI": "/api/b"}, "/api/b"),
        ({"PATH_INFO": "/b", "SCRIPT_NAME": "/prefix", "RAW_URI": "/b"}, "/b"),
        ({"PATH_INFO": "/admin", "RAW_URI": "/public"}, target.UNREADABLE),
        ({"PATH_INFO": "/admin", "RAW_URI": "//admin"}, target.UNREADABLE),
        ({"PATH_INFO": "/caf\u00c3\u00a9", "SCRIPT_NAME": "/api"}, "/api/caf%C3%A9"),
        ({"PATH_INFO": "/a\\b"}, "/a%5Cb"),
    ],
)
def test_wsgi(environ: dict[str, Any], path: str) -> None:
    assert target.of_wsgi(environ) == path


def test_public_paths() -> None:
    with Authority.open("memory:", policy="default") as authority:
        gate = Gate(authority, public=["/health", "/static/"])
        public = ["/health", "/static/a", "/static/a/b"]
        other = ["/", "/healthy", "/health/", "/health/x", "/static", "/static/../a", "/static/./a", "/static//a", "/a"]
        assert [path for path in [*public, *other] if gate.is_public(path)] == public
        assert not Gate(authority).is_public("/health")
