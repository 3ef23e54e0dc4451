"""Hooks are told of each decision and each change, and are in the way of neither."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, get_args

import pytest
from conftest import PROJECT, REALM
from test_secrets import holds
from tokenward import AuditEntry, Authority, InputError, Observation, Reason, Session, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

END = """
import sys, threading, time
from tokenward import Authority

authority = Authority.open("memory:", policy="default")
told = threading.Event()

def slow(entry):
    told.set()
    time.sleep(0.2)

authority.observe(on_change=slow, on_decision=print)
authority.create_realm("organization:acme", administrator="user:alice")
for number in range(20):
    authority.session("organization:acme", "user:alice").issue(f"t{number}", roles=["Viewer"])
assert told.wait(60)
print("ends")
"""

FORK = """
import os, sys, threading
from tokenward import Authority

authority = Authority.open("sqlite:" + sys.argv[1], policy="default")
inside, go_on, told = threading.Event(), threading.Event(), []

def hook(entry):
    told.append(entry.subject)
    inside.set()
    go_on.wait()

authority.observe(on_change=hook)
authority.create_realm("organization:acme", administrator="user:alice")
assert inside.wait(60)
# The thread that tells is within the hook: the child does not have it.
pid = os.fork()
go_on.set()
authority.session("organization:acme", "user:alice").issue(f"of/{'child' if pid == 0 else 'parent'}", roles=["Viewer"])
if pid != 0:
    assert os.waitpid(pid, 0)[1] == 0
waited = threading.Event()
for _ in range(6000):
    if "token:of/child" in told and (pid == 0 or "token:of/parent" in told):
        break
    waited.wait(0.01)
else:
    sys.exit(f"told of {told}")
"""


def eventually(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_every_decision_is_told_and_nothing_of_the_request(authority: Authority, alice: Session) -> None:
    issued = alice.issue("ci", roles=["Viewer"], paths=["^/v1/"])
    guard = authority.guard("project-read", "organization:acme/project:{project}")
    verifier = Verifier.load(authority.snapshot(), clock=1_800_000_000)
    seen: list[Observation] = []
    authority.observe(on_decision=seen.append)
    verifier.observe(on_decision=seen.append)
    token = issued.token

    decision = authority.authorize(token, "project-read", PROJECT, "/v1/hidden")
    authority.authorize(None, "project-read", PROJECT)
    # A caller that mixes up the arguments gives nothing away.
    authority.authorize("junk", token, token, token)
    authority.authorize(token, token, token, "/v1/hidden")
    authority.authenticate(token)
    guard.authorize(token, "/v2/hidden", project="site")
    authority.authorize_many([{"credential": token, "permission": "project-read", "resource": PROJECT, "path": "/v1/"}])
    verifier.authorize(token, "project-write", PROJECT, "/v1/hidden")

    assert [(told.reason, told.permission, told.allowed) for told in seen] == [
        ("allowed", "project-read", True),
        ("no_credential", "project-read", False),
        ("token_malformed", None, False),
        ("permission_unknown", None, False),
        ("allowed", None, True),
        ("path_not_allowed", "project-read", False),
        ("allowed", "project-read", True),
        ("permission_missing", "project-write", False),
    ]
    first = seen[0]
    assert (first.status, first.realm, first.revision) == (200, REALM, authority.revision)
    assert (first.principal, first.token_id) == (decision.principal, issued.client_id)
    assert first.duration_ns > 0
    assert {told.reason for told in seen} <= set(get_args(Reason))
    text = repr([dataclasses.asdict(told) for told in seen])
    assert not holds(text, issued.client_secret)
    assert "hidden" not in text


def test_every_change_is_told_once_in_order_whoever_made_it(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path}/tokens.db"
    with Authority.open(store, policy="default") as authority, Authority.open(store) as other:
        authority.create_realm(REALM, administrator="user:alice")
        told: list[AuditEntry] = []
        threads = set()

        def on_change(entry: AuditEntry) -> None:
            threads.add(threading.current_thread())
            told.append(entry)

        before = authority.revision
        authority.observe(on_change=on_change)
        secrets = ["correct horse battery"]
        for number in range(3):
            for side in (authority, other):
                side.refresh()
                session = side.session(REALM, "user:alice")
                secrets.append(session.issue(f"t{number}/{side is other}", roles=["Viewer"]).client_secret)
        other.session(REALM, "user:alice").add_user("bob", password=secrets[0])
        last = other.refresh()
        eventually(lambda: bool(told) and told[-1].revision == last)
        assert told == authority.audit(after=before)
        assert [entry.revision for entry in told] == list(range(before + 1, last + 1))
        assert threading.current_thread() not in threads
        assert not any(holds(repr(told), secret) for secret in secrets)


def test_a_hook_that_raises_changes_nothing(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised.append(unraisable.exc_value))
    seen: list[Observation] = []
    told: list[AuditEntry] = []

    def fails(event: object) -> None:
        raise RuntimeError(type(event).__name__)

    authority.observe(on_decision=fails, on_change=fails)
    authority.observe(on_decision=seen.append, on_change=told.append)
    assert authority.authenticate(None).reason == "no_credential"
    assert authority.authenticate(None).reason == "no_credential"
    authority.create_realm("organization:kept")
    eventually(lambda: len(told) > 0 and told[-1].revision == authority.revision)
    assert len(seen) == 2
    assert [str(error) for error in raised[:2]] == ["Observation", "Observation"]
    assert {str(error) for error in raised[2:]} == {"AuditEntry"}
    assert [realm.realm for realm in authority.realms()] == [REALM, "organization:kept"]


def test_a_hook_may_use_the_authority(authority: Authority, alice: Session) -> None:
    seen: list[str] = []

    def on_decision(told: Observation) -> None:
        # What a hook asks for is not told, or there would be no end to it.
        seen.append(authority.authenticate("junk").reason)
        seen.append(told.reason)

    def on_change(entry: AuditEntry) -> None:
        if entry.subject == "token:leaked":
            alice.revoke("leaked")

    authority.observe(on_decision=on_decision, on_change=on_change)
    authority.authenticate(None)
    assert seen == ["token_malformed", "no_credential"]
    token = alice.issue("leaked", roles=["Viewer"]).token
    eventually(lambda: authority.authenticate(token).reason == "token_revoked")


def test_a_hook_is_something_to_call(authority: Authority) -> None:
    for name in ("on_decision", "on_change"):
        with pytest.raises(InputError) as caught:
            authority.observe(**{name: "tw_secret"})  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.place) == ("type_invalid", name)
        assert "secret" not in str(caught.value)


def test_closing_tells_of_the_last_change() -> None:
    told: list[AuditEntry] = []
    with Authority.open("memory:", policy="default") as authority:
        authority.observe(on_change=told.append)
        authority.create_realm(REALM)
        last = authority.revision
    eventually(lambda: len(told) > 0 and told[-1].revision == last)


def test_the_interpreter_ends_while_hooks_run() -> None:
    done = subprocess.run([sys.executable, "-c", END], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ends\n", "")


def test_a_fork_while_a_hook_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK, str(tmp_path / "tokens.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
