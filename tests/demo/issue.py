"""The Python process: opens the store, proves a user, issues and revokes tokens, and decides requests as the others do.

It takes one JSON document a line and answers each with another. Beside that it serves snapshot and events on loopback,
for the worker to follow.
"""

from __future__ import annotations

import json
import platform
import re
import secrets
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tokenward import Authority, DeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokenward import Decision, Session

REALM = "workspace:hooli"
DEV = f"{REALM}/system:dev"
PATHS = ["^/v1/systems/"]
ROUTES = [
    (re.compile(r"/v1/systems/([\w-]+)", re.ASCII), "system-write"),
    (re.compile(r"/v1/policies/([\w-]+)", re.ASCII), "system-policy-write"),
]
# Decisions of one measurement, and measurements of which the best counts.
CALLS = 2000
ROUNDS = 7


def say(**document: object) -> None:
    """Answer with one line."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def prove(authority: Authority) -> Session:
    """Bootstrap the realm, then open a session that a password proves. A wrong one does not."""
    password = secrets.token_urlsafe()
    authority.create_realm(REALM, administrator="user:ruchita")
    authority.system(REALM).add_user("ruchita", password=password)
    try:
        authority.login(REALM, "ruchita", "not her password")
    except DeniedError as error:
        say(told=f"user:ruchita with another password: {error.code}")
    return authority.login(REALM, "ruchita", password)


def gate(authority: Authority) -> Callable[[str | None, str], Decision]:
    """Make the function that decides requests: one guard for each route, checked once."""
    routes = [
        (pattern, authority.guard(permission, "workspace:hooli/system:{system}")) for pattern, permission in ROUTES
    ]

    def decide(credential: str | None, path: str) -> Decision:
        for pattern, guard in routes:
            found = pattern.fullmatch(path)
            if found:
                return guard.authorize(credential, path, system=found[1])
        raise LookupError(path)

    return decide


def measured(decide: Callable[[str | None, str], Decision], credential: str | None, path: str) -> float:
    """Give the nanoseconds of one decision: the best of a few rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter_ns()
        for _ in range(CALLS):
            decide(credential, path)
        rounds.append((time.perf_counter_ns() - began) / CALLS)
    return min(rounds)


def serve(authority: Authority) -> int:
    """Serve what a replica needs, and give the port. It holds digests and no secret; yours would ask who is there."""

    class Origin(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer `/snapshot` and `/events?after=REVISION`."""
            url = urlsplit(self.path)
            if url.path == "/snapshot":
                self.answer(authority.snapshot())
            elif url.path == "/events":
                self.answer(authority.events(int(parse_qs(url.query)["after"][0])).encode())
            else:
                self.send_error(404)

        def answer(self, body: bytes) -> None:
            """Answer with bytes."""
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay quiet: standard output belongs to the demo."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main(store: str) -> None:
    """Open the store and do what each line asks for."""
    authority = Authority.open(store, policy="styra-das")
    ruchita = prove(authority)
    decide = gate(authority)

    def issue(name: str, role: str, seconds: int | None) -> dict[str, Any]:
        end = None if seconds is None else datetime.now(timezone.utc) + timedelta(seconds=seconds)
        issued = (
            ruchita.issue(name, paths=PATHS, lifetime_days=30)
            if end is None
            else ruchita.issue(name, paths=PATHS, expires_at=end)
        )
        ruchita.bind(role, at=DEV, subjects=[f"token:{name}"])
        return {"token": issued.token, "secret": issued.client_secret, "shown": repr(issued)}

    def answer(credential: str | None, path: str, timed: bool) -> dict[str, Any]:
        decision = decide(credential, path)
        nanoseconds = measured(decide, credential, path) if timed else None
        return {
            "allowed": decision.allowed,
            "reason": decision.reason,
            "status": decision.status,
            "nanoseconds": nanoseconds,
        }

    say(ready=f"python {platform.python_version()}", principal=ruchita.principal, port=serve(authority))
    for line in sys.stdin:
        asked = json.loads(line)
        if "issue" in asked:
            say(**issue(asked["issue"], asked["role"], asked.get("seconds")))
        elif "revoke" in asked:
            ruchita.revoke(asked["revoke"])
            say(revoked=asked["revoke"], revision=authority.revision)
        else:
            say(**answer(asked["credential"], asked["path"], asked["timed"]))
    authority.close()


if __name__ == "__main__":
    main(sys.argv[1])
