"""The store on PostgreSQL, on a server of our own: two processes, waiting, and what is refused."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from conftest import PROJECT, REALM
from test_processes import BUSY, FORK, forks, run
from tokenward import Authority, ConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[1] / "postgresql.sh"

ANOTHER = """
import sys
from tokenward import Authority

with Authority.open(sys.argv[1]) as authority:
    for line in sys.stdin:
        verb, argument, revision = line.split()
        authority.refresh(int(revision), timeout_seconds=30)
        alice = authority.session("organization:acme", "user:alice")
        if verb == "issue":
            print(alice.issue(argument, roles=["Viewer"]).token, authority.revision, flush=True)
        else:
            print(authority.authenticate(argument).reason, authority.revision, flush=True)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Server:
    def __init__(self, programs: str, port: int) -> None:
        own = f"postgresql://owner@127.0.0.1:{port}/postgres"
        self.psql = [f"{programs}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", own]
        self.port = port
        self.schemas = 0

    def address(self, schema: str, user: str = "owner", database: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?schema={schema}"

    def fresh(self) -> str:
        self.schemas += 1
        return self.address(f"test_{self.schemas}")

    def sql(self, statements: str) -> None:
        subprocess.run([*self.psql, "-c", statements], check=True, capture_output=True)

    @contextmanager
    def locked(self, address: str) -> Iterator[None]:
        """Hold the row that every append takes, as a writer that hangs would."""
        schema = address.rpartition("=")[2]
        with subprocess.Popen(self.psql, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            told(holder.stdin, f"BEGIN; SELECT 'held' FROM {schema}.head FOR UPDATE;")
            assert heard(holder.stdout) == "held"
            try:
                yield
            finally:
                told(holder.stdin, "ROLLBACK;")


def told(pipe: IO[str] | None, line: str) -> None:
    assert pipe
    pipe.write(f"{line}\n")
    pipe.flush()


def heard(pipe: IO[str] | None) -> str:
    assert pipe
    return pipe.readline().strip()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    port = free_port()
    with subprocess.Popen([SCRIPT, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as keeper:
        programs = heard(keeper.stdout)
        if not programs:
            assert keeper.wait() == 0
            pytest.skip("PostgreSQL is not installed here")
        yield Server(programs, port)


def refused(address: str) -> tuple[str, str]:
    with pytest.raises(StoreError) as caught:
        Authority.open(address)
    assert caught.value.category == "store"
    return caught.value.code, caught.value.place


def test_what_is_written_is_there_again(server: Server) -> None:
    address = server.fresh()
    with Authority.open(address, policy="default") as authority:
        authority.create_realm(REALM, administrator="user:alice")
        alice = authority.session(REALM, "user:alice")
        kept, gone = (alice.issue(name, roles=["Viewer"]) for name in ("kept", "gone"))
        alice.revoke(gone.client_id)
        with pytest.raises(ConflictError) as caught:
            authority.create_realm(REALM)
        assert caught.value.code == "realm_exists"
        snapshot, revision, changes = authority.snapshot(), authority.revision, authority.audit()
    with Authority.open(address) as authority:
        assert (authority.snapshot(), authority.revision, authority.audit()) == (snapshot, revision, changes)
        assert len(changes) == revision
        assert authority.authorize(kept.token, "project-read", PROJECT)
        assert authority.authorize(gone.token, "project-read", PROJECT).reason == "token_revoked"


def test_two_processes_see_what_the_other_one_does(server: Server) -> None:
    address = server.fresh()
    with Authority.open(address, policy="default") as authority:
        authority.create_realm(REALM, administrator="user:alice")
        alice = authority.session(REALM, "user:alice")
        command = [sys.executable, "-c", ANOTHER, address]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as another:

            def asked(verb: str, argument: str) -> str:
                told(another.stdin, f"{verb} {argument} {authority.revision}")
                answer, revision = heard(another.stdout).split()
                authority.refresh(int(revision), timeout_seconds=30)
                return answer

            theirs, ours = asked("issue", "theirs"), alice.issue("ours", roles=["Viewer"])
            assert authority.authenticate(theirs)
            assert asked("authenticate", ours.token) == "allowed"
            alice.revoke(ours.client_id)
            assert asked("authenticate", ours.token) == "token_revoked"
            # Nobody asks for a revision here: the log is followed.
            unseen = alice.issue("unseen", roles=["Viewer"])
            told(another.stdin, f"issue again {authority.revision}")
            token = heard(another.stdout).split()[0]
            until = time.monotonic() + 30
            while not authority.authenticate(token):
                assert time.monotonic() < until
                time.sleep(0.01)
            assert {"theirs", "ours", "unseen", "again"} == {one.name for one in alice.tokens()}
            assert authority.authenticate(unseen.token)


def test_other_threads_run_while_the_server_keeps_a_change_waiting(server: Server) -> None:
    address = server.fresh()
    with Authority.open(address, policy="default") as authority, ThreadPoolExecutor(1) as pool:
        authority.create_realm(REALM, administrator="user:alice")
        alice = authority.session(REALM, "user:alice")
        token = alice.issue("reader", roles=["Viewer"]).token
        entered = threading.Event()

        def change() -> str | None:
            entered.set()
            return alice.issue("waits").name

        with server.locked(address):
            waiting = pool.submit(change)
            assert entered.wait(30)
            for _ in range(20):
                time.sleep(0.01)
                assert authority.authenticate(token)
            assert not waiting.done()
        assert waiting.result(timeout=30) == "waits"


def test_a_server_that_keeps_a_change_too_long_is_busy(server: Server) -> None:
    address = server.fresh()
    with Authority.open(address, policy="default") as authority:
        authority.create_realm(REALM, administrator="user:alice")
        revision = authority.revision
        with server.locked(address), pytest.raises(StoreError) as caught:
            authority.create_realm("organization:late")
        assert caught.value.code == "store_busy"
        assert authority.revision == revision
        authority.create_realm("organization:late")


def test_what_cannot_be_opened_is_told_apart(server: Server) -> None:
    server.sql("CREATE ROLE guarded LOGIN PASSWORD 'right-horse'; CREATE SCHEMA own AUTHORIZATION guarded")
    for user in ("guarded:wrong-horse", "guarded", "nobody_here"):
        with pytest.raises(StoreError) as caught:
            Authority.open(server.address("own", user))
        assert (caught.value.code, caught.value.place) == ("store_failed", "store.user")
        assert "horse" not in f"{caught.value!r} {caught.value}"
    Authority.open(server.address("own", "guarded:right-horse")).close()

    assert refused(f"postgresql://owner@127.0.0.1:{free_port()}/postgres") == ("store_failed", "store")
    assert refused(server.address("own", database="elsewhere")) == ("log_missing", "store")

    server.sql("CREATE SCHEMA another; CREATE TABLE another.event (id int)")
    assert refused(server.address("another")) == ("store_foreign", "store")

    newer = server.address("newer")
    Authority.open(newer).close()
    server.sql("UPDATE newer.version SET version = version + 1")
    assert refused(newer) == ("log_version", "store")


@forks
def test_forked_processes_go_on_over_connections_of_their_own(server: Server) -> None:
    tokens = run(FORK, server.fresh(), "2", "10")
    assert len(set(tokens)) == 30


@forks
def test_a_fork_amid_the_changes_of_another_thread(server: Server) -> None:
    assert run(BUSY, server.fresh()) == ["10"]
