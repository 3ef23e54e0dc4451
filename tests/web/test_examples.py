"""The servers of examples/servers in Python, copied elsewhere, started as their page says, and asked over HTTP."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wire import Reply, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples/servers"
NAMES = ["fastapi", "starlette", "flask", "django"]


@contextmanager
def started(folder: Path, server: str) -> Iterator[int]:
    """Start a server on a port of its choice, and wait until it says where it is."""
    process = subprocess.Popen(
        [sys.executable, server],
        cwd=folder,
        env={"PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while (found := re.search(r"http://127\.0\.0\.1:(\d+)\D", said)) is None:
            line = process.stdout.readline()
            assert line, f"{server} ended: {said}"
            said += line
        yield int(found[1])
    finally:
        process.terminate()
        process.communicate(timeout=20)


def body(reply: Reply) -> Any:
    return json.loads(reply.body)


@pytest.mark.parametrize("name", NAMES)
def test_the_example(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES, tmp_path / "servers"))
    issued = json.loads(subprocess.check_output([sys.executable, "setup_store.py"], cwd=folder, text=True))
    viewer, one = ([["Authorization", f"Bearer {issued[who]}"]] for who in ("viewer", "one"))
    with started(folder, f"{name}/server.py") as port:
        health = ask(port, "GET", "/health", [])
        assert (health.status, health.body) == (200, b"ok")
        nobody = ask(port, "GET", "/projects/one", [])
        assert (nobody.status, nobody.headers["WWW-Authenticate"]) == (401, 'Bearer realm="default"')
        assert body(nobody)["code"] == "no_credential"
        assert body(ask(port, "GET", "/projects/two", viewer)) == {"project": "two", "reader": "token:viewer"}
        assert body(ask(port, "GET", "/projects/one", one)) == {"project": "one", "reader": "token:one"}
        assert body(ask(port, "GET", "/me", viewer)) == {"principal": "token:viewer", "owner": "user:alice"}
        # Of another project, and not a path of this token.
        for target in ("/projects/two", "/me"):
            denied = ask(port, "GET", target, one)
            assert (denied.status, body(denied)["code"]) == (403, "insufficient_scope"), target
        form = [["Content-Type", "application/x-www-form-urlencoded"]]
        assert ask(port, "POST", "/oauth/revoke", form, f"token={issued['viewer']}".encode()).status == 200
        refused = ask(port, "GET", "/projects/two", viewer)
        assert (refused.status, body(refused)["code"]) == (401, "invalid_token")


def test_the_page_names_every_example() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"({name}/server.py)" not in page] == []
    lines = (EXAMPLES / "requirements.txt").read_text(encoding="utf-8").split()
    tried = (EXAMPLES.parents[1] / "python/requirements-dev.txt").read_text(encoding="utf-8").split()
    assert set(lines) - {"tokenward"} <= set(tried)
