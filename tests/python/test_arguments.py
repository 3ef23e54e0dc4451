"""What Python makes easy to get wrong and the library does not let through."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from conftest import NOW, PROJECT
from tokenward import Authority, ConflictError, InputError, Session, TokenwardError, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Index:
    """Says that it is a whole number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


class Loud(str):
    """A text whose methods say something else."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"

    def __len__(self) -> int:
        return 1

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        del encoding, errors
        return b"something else"


def generator() -> Iterator[str]:
    yield "Viewer"


UTC_2030 = datetime(2030, 1, 1, tzinfo=timezone.utc)

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("FP005 whole number past 64 bits", {"lifetime_days": Index(2**70)}, "number_invalid", "lifetime_days"),
    ("int past 64 bits", {"lifetime_days": 2**70}, "number_invalid", "lifetime_days"),
    ("int past 2**53 - 1", {"lifetime_days": 2**53}, "number_invalid", "lifetime_days"),
    ("FP007 negative", {"lifetime_days": -2}, "lifetime_invalid", "lifetime_days"),
    ("TE006 zero", {"lifetime_days": 0}, "lifetime_invalid", "lifetime_days"),
    ("TE009 overflow", {"lifetime_days": 2**53 - 1}, "lifetime_invalid", "lifetime_days"),
    ("TE019 bool is not an int", {"lifetime_days": True}, "type_invalid", "lifetime_days"),
    ("TE014 fraction", {"lifetime_days": 1.5}, "number_invalid", "lifetime_days"),
    ("TE011 not a number", {"lifetime_days": float("nan")}, "number_invalid", "lifetime_days"),
    ("TE012 infinity", {"lifetime_days": float("inf")}, "number_invalid", "lifetime_days"),
    ("TE016 None is not never", {"expires_at": None}, "type_invalid", "expires_at"),
    ("None is not never either", {"lifetime_days": None}, "type_invalid", "lifetime_days"),
    ("TE021 naive", {"expires_at": datetime(2030, 1, 1)}, "instant_invalid", "expires_at"),
    ("text for an instant", {"expires_at": "2030-02-30T00:00:00Z"}, "type_invalid", "expires_at"),
    ("past", {"expires_at": datetime(2020, 1, 1, tzinfo=timezone.utc)}, "lifetime_invalid", "expires_at"),
    ("before 1970", {"expires_at": datetime(1960, 1, 1, tzinfo=timezone.utc)}, "instant_invalid", "expires_at"),
    ("span of no days", {"lifetime": timedelta(0)}, "lifetime_invalid", "lifetime"),
    ("span of -1 day is not never", {"lifetime": timedelta(days=-1)}, "lifetime_invalid", "lifetime"),
    ("span of a part of a day", {"lifetime": timedelta(hours=12)}, "lifetime_invalid", "lifetime"),
    ("span that is a number", {"lifetime": 30}, "type_invalid", "lifetime"),
    ("two lifetimes", {"lifetime": timedelta(days=1), "lifetime_days": 1}, "lifetime_invalid", "lifetime"),
    ("FP009 text for a list", {"roles": "Viewer"}, "type_invalid", "roles"),
    ("FP010 generator for a list", {"roles": generator()}, "type_invalid", "roles"),
    ("set for a list", {"roles": {"Viewer"}}, "type_invalid", "roles"),
    ("number in a list", {"roles": ["Viewer", 1]}, "type_invalid", "roles[1]"),
    ("bytes in a list", {"paths": [b"^/v1/"]}, "type_invalid", "paths[0]"),
    ("list in a list", {"paths": [["^/v1/"]]}, "type_invalid", "paths[0]"),
    ("None for a list", {"paths": None}, "type_invalid", "paths"),
    ("None for a text", {"description": None}, "type_invalid", "description"),
    ("number for a truth value", {"never": 1}, "type_invalid", "never"),
    ("object for a text", {"description": object()}, "type_invalid", "description"),
]


@pytest.mark.parametrize(("given", "code", "place"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(alice: Session, given: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        alice.issue("ci/deploy", **given)
    assert (caught.value.code, caught.value.place) == (code, place)
    assert alice.tokens() == []


def test_lists_and_tuples_are_lists(alice: Session) -> None:
    token = alice.issue("ci/deploy", roles=("Viewer",), paths=("^/v1/",))
    assert alice.token(token.client_id).roles == ("Viewer",)
    assert alice.token("ci/deploy").paths == ("^/v1/",)


def test_whole_numbers_of_any_kind(alice: Session) -> None:
    days: Any = Index(30)
    issued = alice.issue("ci/deploy", lifetime_days=days)
    assert issued.expires_at == datetime.fromtimestamp(NOW, timezone.utc) + timedelta(days=30)


def test_instants_in_any_zone(alice: Session) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2027, 6, 1, 12, tzinfo=zone)
    assert alice.issue("a", expires_at=moment).expires_at == moment
    assert alice.issue("b", expires_at=moment.replace(microsecond=999_999)).expires_at == moment
    assert alice.issue("c", expires_at=int(moment.timestamp())).expires_at == moment


def test_spans(alice: Session) -> None:
    issued = alice.issue("ci/deploy", lifetime=timedelta(weeks=1))
    assert issued.expires_at == datetime.fromtimestamp(NOW, timezone.utc) + timedelta(weeks=1)
    alice.rotate("ci/deploy", overlap=timedelta(minutes=10))
    for overlap in (timedelta(seconds=-1), timedelta(milliseconds=1)):
        with pytest.raises(InputError) as caught:
            alice.rotate("ci/deploy", overlap=overlap)
        assert (caught.value.code, caught.value.place) == ("number_invalid", "overlap")


def test_absent_is_the_documented_default(alice: Session) -> None:
    issued = alice.issue("ci/deploy")
    assert issued.expires_at == datetime.fromtimestamp(NOW, timezone.utc) + timedelta(days=90)


def test_text_of_a_subclass_is_the_text_under_it(authority: Authority, alice: Session) -> None:
    issued = alice.issue(Loud("ci/deploy"), roles=[Loud("Viewer")])
    assert issued.name == "ci/deploy"
    credential = Loud(issued.token)
    assert authority.authorize(credential, Loud("project-read"), Loud(PROJECT))
    assert authority.guard("project-read", Loud(PROJECT)).authorize(credential)
    assert authority.introspect(credential)["active"]


LONE = "\ud800"


def test_half_a_character(authority: Authority, alice: Session) -> None:
    for call in (
        lambda: alice.issue(LONE),
        lambda: alice.issue("a", roles=[LONE]),
        lambda: authority.session("organization:acme", LONE),
        lambda: authority.guard(LONE, PROJECT),
        lambda: authority.guard("project-read", LONE),
        lambda: Authority.open("memory:", policy=LONE),
        lambda: Authority.open(LONE),
    ):
        with pytest.raises(InputError):
            call()
    token = alice.issue("a", roles=["Viewer"]).token
    guard = authority.guard("project-read", "organization:acme/project:{project}")
    for decision in (
        authority.authenticate(LONE),
        authority.authenticate(token + LONE),
        authority.authorize(token, LONE, PROJECT),
        authority.authorize(token, "project-read", LONE),
        authority.authorize(token, "project-read", PROJECT, LONE),
        guard.authorize(token, LONE, project="site"),
        guard.authorize(LONE, project="site"),
        guard.authorize(token, project=LONE),
    ):
        assert not decision


WRONG: list[tuple[str, Callable[[Authority, Any], object]]] = [
    ("credential", lambda authority, wrong: authority.authenticate(wrong)),
    ("realm", lambda authority, wrong: authority.authenticate("a", wrong)),
    ("path", lambda authority, wrong: authority.authenticate("a", path=wrong)),
    ("credential", lambda authority, wrong: authority.authorize(wrong, "project-read", PROJECT)),
    ("permission", lambda authority, wrong: authority.authorize("a", wrong, PROJECT)),
    ("resource", lambda authority, wrong: authority.authorize("a", "project-read", wrong)),
    ("path", lambda authority, wrong: authority.authorize("a", "project-read", PROJECT, wrong)),
    ("credential", lambda authority, wrong: authority.guard("project-read", PROJECT).authorize(wrong)),
    ("path", lambda authority, wrong: authority.guard("project-read", PROJECT).authorize("a", wrong)),
    ("permission", lambda authority, wrong: authority.guard(wrong, PROJECT)),
    ("template", lambda authority, wrong: authority.guard("project-read", wrong)),
    ("requests", lambda authority, wrong: authority.authorize_many(wrong)),
    ("requests[0]", lambda authority, wrong: authority.authorize_many([wrong])),
    ("store", lambda _, wrong: Authority.open(wrong)),
    ("policy", lambda _, wrong: Authority.open("memory:", wrong)),
    ("clock", lambda authority, wrong: authority.set_clock(wrong)),
]


@pytest.mark.parametrize(("place", "call"), WRONG)
@pytest.mark.parametrize("wrong", [b"text", True, 1.5, object()], ids=["bytes", "bool", "float", "object"])
def test_wrong_types(authority: Authority, place: str, call: Callable[[Authority, Any], object], wrong: object) -> None:
    with pytest.raises(InputError) as caught:
        call(authority, wrong)
    expected = "number_invalid" if (place, wrong) == ("clock", 1.5) else "type_invalid"
    assert (caught.value.code, caught.value.place) == (expected, place)


def test_clocks_are_plausible_or_nothing_is_allowed(authority: Authority, alice: Session) -> None:
    token = alice.issue("a", roles=["Viewer"]).token
    for clock in (0, 1_800_000_000_000):
        authority.set_clock(clock)
        assert authority.authenticate(token).reason == "clock_implausible"
    authority.set_clock(datetime.fromtimestamp(NOW, timezone.utc))
    assert authority.authenticate(token)
    for wrong in (-1, 2**53, 2**70):
        with pytest.raises(InputError):
            authority.set_clock(wrong)
    with pytest.raises(InputError) as caught:
        authority.set_clock(datetime(2027, 1, 1))
    assert caught.value.code == "instant_invalid"


def test_numbers_are_checked(authority: Authority) -> None:
    snapshot = authority.snapshot()
    numbers: list[Any] = [-1, 2**70, True, 1.5, "1"]
    for number in numbers:
        for call in (
            lambda number=number: authority.events(number),
            lambda number=number: authority.refresh(number),
            lambda number=number: authority.refresh(timeout_seconds=number),
            lambda number=number: Authority.open(minimum_revision=number),
            lambda number=number: Authority.open(keep_changes=number),
            lambda number=number: Authority.open(keep_days=number),
            lambda number=number: Verifier.load(snapshot, max_age_seconds=number),
            lambda number=number: authority.audit(after=number),
        ):
            with pytest.raises(InputError):
                call()


def test_bytes_are_bytes(authority: Authority) -> None:
    wrongs: list[Any] = ["text", 1, None, [1]]
    for wrong in wrongs:
        with pytest.raises(InputError):
            Verifier.load(wrong)
    verifier = Verifier.load(bytearray(authority.snapshot()), clock=NOW)
    assert verifier.revision == authority.revision


def test_events_are_text_of_either_kind(authority: Authority) -> None:
    verifier = Verifier.load(authority.snapshot(), clock=NOW)
    authority.create_realm("organization:other")
    events = authority.events(verifier.revision)
    before = verifier.revision
    refused: list[Any] = [b"\xc0\xae", b"[\xff]", "\ud800", "", "[", "[{}]", "{}", f"{events} {events}", None, 1]
    for wrong in refused:
        with pytest.raises(TokenwardError):
            verifier.apply(wrong)
        assert verifier.revision == before
    assert verifier.apply(events.encode()) == authority.revision
    assert verifier.apply(events) == authority.revision


def test_errors_are_values_too() -> None:
    with Authority.open("memory:", policy="default", clock=NOW) as authority:
        authority.create_realm("organization:acme")
        with pytest.raises(TokenwardError) as caught:
            authority.create_realm("organization:acme")
    assert isinstance(caught.value, ConflictError)
    assert caught.value.code == "realm_exists"
    assert caught.value.category == "conflict"
    assert "acme" not in str(caught.value)


if TYPE_CHECKING:
    # A type checker refuses these too: each line says so, or the line is reported as an unused exception.
    def refused(authority: Authority, alice: Session) -> None:
        alice.issue("a", roles="Viewer")  # type: ignore[arg-type]
        alice.issue("a", roles=(role for role in ["Viewer"]))  # type: ignore[arg-type]
        alice.issue("a", expires_at=None)  # type: ignore[arg-type]
        alice.issue("a", lifetime_days=1.5)  # type: ignore[arg-type]
        alice.tokens(status="gone")  # type: ignore[arg-type]
        authority.authenticate(b"token")  # type: ignore[arg-type]
        authority.authorize_many([{"credential": None, "permission": "project-read"}])  # type: ignore[typeddict-item]
        if authority.authenticate(None).reason == "token_gone":  # type: ignore[comparison-overlap]
            pass
