"""The table of cases, the world that it describes, and a client that puts on the wire exactly what a case says."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tokenward import Authority
from vector_matching import difference
from vector_run import START, Run

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
APP: dict[str, Any] = TABLE["app"]
GROUPS: list[dict[str, Any]] = TABLE["groups"]

#: The frameworks, whose apps are in `apps`, and what serves them.
SERVED = [
    ("starlette", "asgi"),
    ("fastapi", "asgi"),
    ("flask", "wsgi"),
    ("django", "wsgi"),
    ("django", "asgi"),
    ("rest_framework", "wsgi"),
    ("rest_framework", "asgi"),
]


class World(Run):
    """The realms and tokens of the table."""

    def __init__(self, store: str = "memory:") -> None:
        super().__init__({"policy": APP["policy"]})
        self.authority.close()
        self.authority = Authority.open(store, APP["policy"], clock=START)

    def take(self, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            found = self.step(step)
            assert found is None, f"{step}: {found}"

    @property
    def secrets(self) -> list[str]:
        return [issued.client_secret for issued in self.saved.values() if hasattr(issued, "client_secret")]


def app_of(framework: str, server: str, world: World, *, protected: bool) -> Any:
    """Build the app of the table."""
    given = {"serve": server} if framework in ("django", "rest_framework") else {}
    return import_module(f"apps.{framework}_app").build(world.authority, protected=protected, **given)


@dataclass
class Reply:
    """What came back. Status 0: the server hung up."""

    status: int
    headers: HTTPMessage
    body: bytes


def ask(port: int, method: str, target: str, headers: list[list[str]], body: bytes = b"") -> Reply:
    """Send a request as it stands: no name, value or path is made tidy on the way."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        with suppress(OSError):  # the server has read enough; its answer may still be there
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        response = HTTPResponse(connection, method=method)
        try:
            response.begin()
            return Reply(response.status, response.headers, response.read())
        except (OSError, HTTPException):
            return Reply(0, HTTPMessage(), b"")


def send(port: int, world: World, request: dict[str, Any]) -> Reply:
    """Send the request of a case."""
    headers: list[list[str]] = world.resolved(request.get("headers", []))
    body = b""
    if "form" in request:
        body = urlencode([tuple(field) for field in world.resolved(request["form"])]).encode()
        headers = [*headers, ["Content-Type", "application/x-www-form-urlencoded"]]
    return ask(port, request.get("method", "GET"), world.resolved(request["target"]), headers, body)


def fault(world: World, expect: dict[str, Any], reply: Reply) -> str | None:
    """Give the first thing about a reply that is not as expected."""
    if "refused" in expect:
        fine = reply.status == 0 or reply.status in expect["refused"]
        return None if fine else f"status {reply.status}, expected one of {expect['refused']}"
    headers: dict[str, str | None] = {}
    exactly = world.resolved(expect.get("exactly"))
    status = expect.get("status")
    if problem := TABLE["problems"].get(expect.get("problem")):
        status = problem["status"]
        headers = {"content-type": "application/problem+json", **problem["headers"]}
        exactly = {
            "type": "about:blank",
            "title": problem["title"],
            "status": status,
            "detail": problem["detail"],
            "code": expect["problem"],
        }
    headers |= expect.get("headers", {})
    if reply.status != status:
        return f"status {reply.status}, expected {status}; {reply.body[:200]!r}"
    for name, value in headers.items():
        found = reply.headers.get_all(name)
        if found != (None if value is None else [value]):
            return f"{name}: {found}, expected {value}"
    if exactly is not None and json.loads(reply.body) != exactly:
        return f"body {reply.body!r}, expected {exactly}"
    if part := expect.get("answer", expect.get("body")):
        return difference(json.loads(reply.body), world.resolved(part), "body")
    return None


def faults(world: World, port: int, group: dict[str, Any], variant: str) -> tuple[int, list[str]]:
    """Take the steps of a group and run its cases. Give how many ran, and what is wrong."""
    world.take(group["steps"])
    ran, wrong = 0, []
    for case in group["cases"]:
        if case.get("only", variant) != variant:
            continue
        ran += 1
        found = fault(world, case["expect"], send(port, world, case["request"]))
        if found:
            wrong.append(f"{case['name']}: {found}")
    return ran, wrong
