"""What is kept alive, and what is not."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest
from conftest import PROJECT, REALM
from tokenward import Authority, InputError, Session, Verifier


def grown_by(blocks: int) -> int:
    gc.collect()
    return sys.getallocatedblocks() - blocks


def test_calls_leave_nothing_behind(authority: Authority, alice: Session) -> None:
    tokens = [alice.issue(f"t{number}", roles=["Viewer"]).token for number in range(300)]
    guard = authority.guard("project-read", "organization:acme/project:{project}")
    wrong: Any = b"token"

    def calls() -> None:
        for token in tokens:
            for credential in (token, f"Bearer {token}", token[:-1], "\ud800", None):
                guard.authorize(credential, project="site")
                guard.authorize(credential, "/v1/\ud800", project="site")
                authority.authorize(credential, "project-read", PROJECT).to_dict()
            for call in (guard.authorize, authority.authenticate):
                with pytest.raises(InputError):
                    call(wrong)
            with pytest.raises(InputError):
                guard.authorize(token, nothing="of the kind")

    calls()
    gc.collect()
    before = sys.getallocatedblocks()
    calls()
    calls()
    assert grown_by(before) < 300


def test_a_decision_is_given_again_only_as_it_is(authority: Authority, alice: Session) -> None:
    tokens = [alice.issue(f"t{number}", roles=["Viewer"]) for number in range(200)]
    guard = authority.guard("project-read", PROJECT)
    for _ in range(3):
        for issued in tokens:
            decision = guard.authorize(issued.token)
            assert (decision.reason, decision.token_id) == ("allowed", issued.client_id)
    first = guard.authorize(tokens[0].token)
    assert guard.authorize(tokens[0].token) is first
    alice.issue("later")
    second = guard.authorize(tokens[0].token)
    assert second is not first
    assert second.revision == first.revision + 1
    alice.revoke("t0")
    assert guard.authorize(tokens[0].token).reason == "token_revoked"
    assert (first.allowed, first.reason) == (True, "allowed")


def test_guards_sessions_and_decisions_keep_their_authority() -> None:
    authority = Authority.open("memory:", policy="default")
    authority.create_realm(REALM, administrator="user:alice")
    alive = weakref.ref(authority)
    verifier = Verifier.load(authority.snapshot())
    replica = weakref.ref(verifier)
    guards = [authority.guard("project-read", PROJECT), verifier.guard("project-read", PROJECT)]
    alice = authority.session(REALM, "user:alice")
    token = alice.issue("a", roles=["Viewer"]).token
    decisions = [guard.authorize(token) for guard in guards]
    del authority, verifier
    gc.collect()
    assert alive() is not None
    assert replica() is not None
    assert guards[0].authorize(token).principal == "token:a"
    del guards, decisions
    gc.collect()
    assert replica() is None
    assert alive() is not None
    assert alice.issue("b").name == "b"
    del alice
    gc.collect()
    assert alive() is None
