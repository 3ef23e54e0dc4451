"""Fork, threads, a store that waits, and the end of the interpreter."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from conftest import NOW, PROJECT, REALM
from tokenward import Authority, InternalError, Session, StateError, StoreError, _native

if TYPE_CHECKING:
    from pathlib import Path

FORK = """
import os, sys
from tokenward import Authority, TokenwardError

def founded(store):
    authority = Authority.open(store, policy="default")
    authority.create_realm("organization:acme", administrator="user:alice")
    return authority

store, children, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
before = founded(store)
token = before.session("organization:acme", "user:alice").issue("before", roles=["Viewer"]).token

def run(who):
    authority = founded(store) if store == "memory:" else before
    alice = authority.session("organization:acme", "user:alice")
    for number in range(each):
        # One write per line, short enough not to be mixed with those of others.
        os.write(1, (alice.issue(f"{who}/{number}", roles=["Viewer"]).token + "\\n").encode())
    assert before.authenticate(token)

pids = []
for child in range(children):
    pid = os.fork()
    if pid == 0:
        run(f"child{child}")
        os._exit(0)
    pids.append(pid)
run("parent")
assert all(os.waitpid(pid, 0)[1] == 0 for pid in pids)
"""

INHERITED = """
import os
from tokenward import Authority, TokenwardError

authority = Authority.open("memory:", policy="default")
authority.create_realm("organization:acme", administrator="user:alice")
alice = authority.session("organization:acme", "user:alice")
token = alice.issue("a", roles=["Viewer"]).token
if os.fork() == 0:
    assert authority.authenticate(token)
    try:
        alice.issue("b")
    except TokenwardError as error:
        print(error.code, error.place, flush=True)
    os._exit(0)
os.wait()
print(alice.issue("b").name)
"""

BUSY = """
import os, signal, sys, threading
from tokenward import Authority

authority = Authority.open(sys.argv[1], policy="default")
authority.create_realm("organization:acme", administrator="user:alice")
alice = authority.session("organization:acme", "user:alice")
done = threading.Event()

def change():
    number = 0
    while not done.is_set():
        number += 1
        alice.issue(f"parent/{number}")
        done.wait(0.002)

thread = threading.Thread(target=change)
thread.start()
try:
    for child in range(10):
        pid = os.fork()
        if pid == 0:
            signal.alarm(60)  # whoever waits for a lock of a thread that is not there ends here
            alice.issue(f"child/{child}")
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
finally:
    done.set()
    thread.join()
authority.refresh()  # what the last child wrote is followed within milliseconds, not at once
print(sum(token.name.startswith("child/") for token in alice.tokens()))
"""

SHUTDOWN = """
import os, sys
from tokenward import Authority, Verifier

authority = Authority.open(sys.argv[1], policy="default")
authority.create_realm("organization:acme", administrator="user:alice")
alice = authority.session("organization:acme", "user:alice")
token = alice.issue("a", roles=["Viewer"]).token
verifier = Verifier.load(authority.snapshot())

class Late:
    def __init__(self, guard):
        self.guard = guard
        self.decision = guard.authorize(token)
        self.bind = [authority, verifier, alice, token, os.write]

    def __del__(self):
        authority, verifier, alice, token, write = self.bind
        allowed = self.guard.authorize(token).allowed, verifier.authenticate(token).allowed
        write(1, f"{self.decision.principal} {allowed}\\n".encode())
        try:
            alice.issue("late")
        except Exception:
            pass  # the interpreter has taken down what the call needs

late = Late(authority.guard("project-read", "organization:acme/project:site"))
sys.late = Late(authority.guard("project-read", "organization:acme/project:site"))
cycle = [late]
cycle.append(cycle)
"""


def run(program: str, *arguments: str) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@forks
@pytest.mark.parametrize(("children", "each"), [(1, 1000), (100, 10)])
def test_forked_processes_issue_unlike_tokens(children: int, each: int) -> None:
    tokens = run(FORK, "memory:", str(children), str(each))
    assert len(tokens) == (children + 1) * each
    assert len({token[:-38] for token in tokens}) == len(tokens)
    assert len({token[-38:-6] for token in tokens}) == len(tokens)


@forks
def test_a_store_in_a_file_goes_on_in_both_processes(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'tokens.db'}"
    tokens = run(FORK, store, "3", "25")
    assert len(set(tokens)) == 100
    with Authority.open(store) as authority:
        known = {token.client_id for token in authority.session(REALM, "user:alice").tokens()}
        assert {token[:-38] for token in tokens} < known
        assert len(known) == 101


@forks
def test_a_fork_amid_the_changes_of_another_thread(tmp_path: Path) -> None:
    assert run(BUSY, f"sqlite:{tmp_path / 'tokens.db'}") == ["10"]


@forks
def test_a_store_in_memory_says_that_it_stays_behind() -> None:
    assert run(INHERITED) == ["closed fork", "b"]


@pytest.mark.parametrize("store", ["memory:", "sqlite:tokens.db"])
def test_calls_at_the_end_of_the_interpreter(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = run(SHUTDOWN, store)
    assert lines == ["token:a (True, True)"] * 2


def test_threads_decide_and_change_at_once(authority: Authority, alice: Session) -> None:
    token = alice.issue("reader", roles=["Viewer"]).token
    guard = authority.guard("project-read", "organization:acme/project:{project}")
    go = threading.Barrier(5)

    def read() -> bool:
        go.wait()
        return all(guard.authorize(token, project=f"p{number}") for number in range(2000))

    def change() -> bool:
        go.wait()
        for number in range(200):
            alice.revoke(alice.issue(f"t{number}").client_id)
        return True

    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(job) for job in (read, read, read, read, change)]
    assert all(one.result() for one in done)


def test_a_revocation_holds_for_every_later_request(authority: Authority, alice: Session) -> None:
    guard = authority.guard("project-read", PROJECT)
    for number in range(100):
        issued = alice.issue(f"t{number}", roles=["Viewer"])
        assert guard.authorize(issued.token)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(alice.revoke, issued.client_id).result()
        assert guard.authorize(issued.token).reason == "token_revoked"


def test_other_threads_run_while_a_change_waits_for_the_store(tmp_path: Path) -> None:
    path = tmp_path / "tokens.db"
    with Authority.open(f"sqlite:{path}", policy="default") as authority:
        authority.create_realm(REALM, administrator="user:alice")
        alice = authority.session(REALM, "user:alice")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # another process has the store
        entered = threading.Event()

        def change() -> str | None:
            entered.set()
            return alice.issue("waits").name

        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(change)
            entered.wait()
            assert not authority.authenticate(None)  # a request is decided meanwhile
            other.execute("ROLLBACK")  # and this line is reached
            assert waiting.result(timeout=30) == "waits"
        other.close()


def test_a_store_is_opened_to_be_read_only(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'tokens.db'}"
    with pytest.raises(StoreError) as caught:
        Authority.open(store, read_only=True)
    assert caught.value.code == "log_missing"
    with Authority.open(store, policy="default") as writing:
        writing.create_realm(REALM, administrator="user:alice")
        alice = writing.session(REALM, "user:alice")
        token = alice.issue("a", roles=["Viewer"]).token
        with Authority.open(store, read_only=True) as looking:
            assert looking.authenticate(token)
            with pytest.raises(StateError) as refused:
                looking.session(REALM, "user:alice").revoke("a")
            assert refused.value.code == "read_only"
            alice.revoke("a")
            looking.refresh(writing.revision)
            assert looking.authenticate(token).reason == "token_revoked"


def test_a_store_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'tokens.db'}"
    with Authority.open(store, policy="default") as authority:
        authority.create_realm(REALM)
        reached = authority.revision
    Authority.open(store, minimum_revision=reached).close()
    with pytest.raises(StoreError) as caught:
        Authority.open(store, minimum_revision=reached + 1)
    assert caught.value.code == "log_damaged"


def test_what_is_closed_says_so() -> None:
    authority = Authority.open("memory:", policy="default", clock=NOW)
    authority.create_realm(REALM, administrator="user:alice")
    alice = authority.session(REALM, "user:alice")
    with authority as same:
        assert same is authority
    authority.close()
    for call in (lambda: alice.issue("a"), lambda: authority.create_realm("organization:b"), authority.realms):
        with pytest.raises(StateError) as caught:
            call()
        assert caught.value.code == "closed"


def test_a_panic_is_an_ordinary_error() -> None:
    with pytest.raises(InternalError) as caught:
        _native._panic()
    assert isinstance(caught.value, Exception)
    assert caught.value.code == "internal"
