"""A secret leaves the library once, by name, from the one result that has it."""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import pickle
import tempfile
import traceback
from typing import TYPE_CHECKING, Any

import pytest
import tokenward
from conftest import PROJECT, REALM
from tokenward import Authority, Issued, Observation, Session, TokenwardError, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def issued(alice: Session) -> Issued:
    return alice.issue("ci/deploy", description="deploys", roles=["Viewer"], paths=["^/v1/"])


def holds(text: str, secret: str) -> bool:
    """Say whether a text holds eight characters in a row of a secret."""
    return any(secret[index : index + 8] in text for index in range(len(secret) - 7))


def results(authority: Authority, alice: Session, issued: Issued) -> Iterator[object]:
    verifier = Verifier.load(authority.snapshot(), clock=1_800_000_000)
    guard = authority.guard("project-read", PROJECT)
    observed: list[Observation] = []
    authority.observe(on_decision=observed.append)
    yield from (authority, alice, issued, verifier, guard)
    yield guard.authorize(issued.token, "/v1/a")
    yield guard.authorize(issued.token[:-1], "/v1/a")
    yield guard.authorize(issued.token, "/v2/a").to_dict()
    yield authority.explain(issued.token, "project-read", PROJECT, "/v1/a")
    yield authority.explain(issued.token, "project-write", PROJECT, "/v1/a")
    yield authority.introspect(issued.token)
    yield from observed
    yield authority.login_with_token(REALM, issued.token)
    yield from (alice.tokens(), alice.bindings(), alice.roles(), alice.users(), alice.settings())
    yield from (authority.realms(), authority.audit(), authority.policy(), authority.lint(["^/data/foo"]))
    yield from (authority.snapshot(), authority.events(0), verifier.age)
    with tempfile.TemporaryDirectory() as folder:
        yield authority.publish(folder)


def test_no_result_shows_it(authority: Authority, alice: Session, issued: Issued) -> None:
    seen = set()
    for result in results(authority, alice, issued):
        seen.add(type(result).__name__)
        for text in (repr(result), str(result), f"{result}", ascii(result), json.dumps(result, default=repr)):
            assert not holds(text, issued.client_secret), type(result)
        for item in result if isinstance(result, list) else [result]:
            seen.add(type(item).__name__)
            if dataclasses.is_dataclass(item) and not isinstance(item, type):
                assert not holds(repr(dataclasses.asdict(item)), issued.client_secret)
    classes = {name for name in tokenward.__all__ if isinstance(getattr(tokenward, name), type)}
    shown_elsewhere = {name for name in classes if name.endswith("Error")}
    documents = {
        "Absent",
        "DecisionDocument",
        "Introspection",
        "Check",
        "Request",
        "Step",
        "Realm",
        "User",
        "Binding",
        "Target",
    }
    documents |= {"GivenBinding", "ImportedToken", "Origin"}
    assert classes - shown_elsewhere - documents <= seen


def test_the_one_result_that_has_it(issued: Issued) -> None:
    assert issued.token == f"{issued.client_id}{issued.client_secret}"
    assert json.loads(issued.to_json()) == {
        "clientId": issued.client_id,
        "secret": issued.client_secret,
        "token": issued.token,
    }
    head, row = issued.to_csv().splitlines()
    assert head == '"Client Id","Client Secret","Role","Token"'
    assert row == f'"{issued.client_id}","{issued.client_secret}","Viewer","{issued.token}"'


def test_it_is_not_an_attribute_that_tools_list(issued: Issued) -> None:
    with pytest.raises(TypeError):
        vars(issued)
    slots = [getattr(issued, name) for name in Issued.__slots__]
    for part in (*slots, *gc.get_referents(*slots)):
        assert not holds(repr(part), issued.client_secret)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_alive_is_pickled(authority: Authority, alice: Session, issued: Issued, protocol: int) -> None:
    guard = authority.guard("project-read", PROJECT)
    verifier = Verifier.load(authority.snapshot())
    for one in (issued, issued._native, alice, alice._native, authority, verifier, guard, guard.authorize(None)):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(one, protocol)
        assert not holds(str(caught.value), issued.client_secret)
        for duplicate in (copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                duplicate(one)


CALLS: list[Callable[[Authority, Session, str], object]] = [
    lambda authority, _, secret: authority.login(REALM, "alice", secret),
    lambda authority, _, secret: authority.login("organization:other", "alice", secret),
    lambda authority, _, secret: authority.login_with_token(REALM, secret[:-1]),
    lambda authority, _, secret: authority.login_with_token("organization:other", secret),
    lambda authority, _, secret: authority.introspect(secret, realm=secret),
    lambda authority, _, secret: authority.explain(secret, secret, secret, [secret]),  # type: ignore[arg-type]
    lambda authority, _, secret: authority.authenticate([secret]),  # type: ignore[arg-type]
    lambda authority, _, secret: authority.authorize_many([{secret: secret}]),  # type: ignore[misc]
    lambda authority, _, secret: authority.guard(secret, secret),
    lambda authority, _, secret: authority.guard("project-read", PROJECT).authorize(secret, **{secret: secret}),
    lambda authority, _, secret: authority.create_realm(secret),
    lambda authority, _, secret: authority.create_realm(REALM, settings={secret: True}),
    lambda authority, _, secret: authority.lint([secret, f"({secret}"]),
    lambda _, alice, secret: alice.issue("a", description=secret),
    lambda _, alice, secret: alice.issue(secret),
    lambda _, alice, secret: alice.issue("a", expires_at=secret),  # type: ignore[arg-type]
    lambda _, alice, secret: alice.issue("a", roles=[secret]),
    lambda _, alice, secret: alice.issue("a", paths=[f"({secret}"]),
    lambda _, alice, secret: alice.token(secret[:-1]),
    lambda _, alice, secret: alice.bind(secret, at=secret, subjects=[secret]),
    lambda _, alice, secret: alice.add_user(secret, password=secret),
    lambda _, alice, secret: alice.set_password("nobody", secret),
    lambda _, alice, secret: alice._native.call("issue", f'{{"{secret}":"{secret}"}}'),
    lambda _, alice, secret: alice._native.call(secret, secret),
    lambda _, __, secret: Authority.open(secret),
    lambda _, __, secret: Authority.open("memory:", policy=secret),
    lambda _, __, secret: Authority.open("memory:", policy=f"{secret} = {secret}\nname = 1"),
]


@pytest.mark.parametrize("call", CALLS)
def test_no_error_shows_it(
    authority: Authority, alice: Session, issued: Issued, call: Callable[[Authority, Session, str], object]
) -> None:
    try:
        call(authority, alice, issued.token)
    except TokenwardError as caught:
        error = caught
    else:
        return
    for text in (str(error), repr(error), error.place, error.code):
        assert not holds(text, issued.client_secret)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.place, str(again)) == (type(error), error.code, error.place, str(error))


SECRET_CALLS: list[Callable[[Authority, Session, Any], object]] = [
    lambda authority, _, secret: authority.login(REALM, "alice", secret),
    lambda authority, _, secret: authority.login_with_token("organization:other", secret),
    lambda authority, _, secret: authority.introspect(secret, realm=[]),  # type: ignore[arg-type]
    lambda authority, _, secret: authority.explain(secret, "project-read", PROJECT, True),  # type: ignore[arg-type]
    lambda _, alice, secret: alice.set_password("nobody", secret),
    lambda _, alice, secret: alice.add_user("a b", password=secret),
]


@pytest.mark.parametrize("call", SECRET_CALLS)
@pytest.mark.parametrize("kind", [str, str.encode], ids=["text", "bytes"])
def test_no_frame_of_ours_shows_it(
    authority: Authority,
    alice: Session,
    issued: Issued,
    call: Callable[[Authority, Session, Any], object],
    kind: Callable[[str], object],
) -> None:
    with pytest.raises(TokenwardError) as caught:
        call(authority, alice, kind(issued.token))
    stack = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    lines = [(frame.filename, frame.locals) for frame in stack if "tests/python" not in frame.filename]
    assert lines
    assert not holds(repr(lines), issued.client_secret)
