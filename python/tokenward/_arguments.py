"""Arguments on their way into the core, as JSON text.

The core judges documents; this module only makes sure that what it judges is what the caller meant. Python is
generous where a security library must not be: a `str` is a sequence of one-letter texts, an iterator is empty the
second time, `True` is 1, a naive `datetime` is some time in some zone. None of these gets through.
"""

from __future__ import annotations

import json
import operator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, TypeAlias

from ._native import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A list of texts. A `str` is not one, although Python would take it for one.
Texts: TypeAlias = list[str] | tuple[str, ...]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_LARGEST: Final = 2**53 - 1
_DEEPEST: Final = 8


class Absent:
    """Stands for an argument that was not given. `None` is not it: an explicit `None` is judged by the core."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<absent>"

    def __reduce__(self) -> str:
        return "ABSENT"


#: The default of optional arguments.
ABSENT: Final = Absent()


def encode(arguments: Mapping[str, object]) -> str:
    """Write the arguments that were given as JSON text.

    Raises:
        InputError: `type_invalid` for what is neither text, number, truth value, list, tuple nor mapping;
            `number_invalid` for a number that is not whole or that is past 2**53 - 1; `instant_invalid` for a naive
            `datetime`.
    """
    document: dict[str, object] = {}
    value: object = None
    try:
        for name, value in arguments.items():
            if not isinstance(value, Absent):
                document[name] = _plain(value, name, 1)
        return json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    finally:
        del arguments, document, value  # a password or a token may be in them, and a frame lives on in a traceback


def _plain(value: object, place: str, depth: int) -> object:
    """Reduce a value to the exact built-in types that JSON has. Overridden methods of subclasses are not called."""
    try:
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, datetime):
            return seconds_at(value, place)
        if depth > _DEEPEST:
            raise refusal("document_too_deep", place)
        if isinstance(value, (list, tuple)):
            items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
            return [_plain(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(items)]
        if isinstance(value, dict):
            return _plain_map(value, place, depth)
        if isinstance(value, float):
            raise refusal("number_invalid", place)
        return _whole(value, place)
    finally:
        del value


def _plain_map(value: dict[object, object], place: str, depth: int) -> dict[str, object]:
    plain: dict[str, object] = {}
    for position, (name, item) in enumerate(dict.items(value), 1):
        # A name is not part of the place: where an unknown field is, a secret may be.
        if not isinstance(name, str):
            raise refusal("type_invalid", place)
        plain[str.__str__(name)] = _plain(item, f"{place} field {position}", depth + 1)
    return plain


def _whole(value: object, place: str) -> int:
    """Take a whole number of any kind that says it is one (`__index__`)."""
    try:
        if not hasattr(type(value), "__index__"):
            raise refusal("type_invalid", place)
        number = operator.index(value)  # type: ignore[arg-type]
    finally:
        del value
    if not -_LARGEST <= number <= _LARGEST:
        raise refusal("number_invalid", place)
    return int.__index__(number)


def seconds_at(value: datetime, place: str) -> int:
    """Convert an aware `datetime` to whole seconds since 1970, rounded down: nothing lives longer than was asked."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise refusal("instant_invalid", place)
    return (value - _EPOCH) // _SECOND


def span(value: timedelta, place: str, unit: timedelta, code: str) -> int:
    """Convert a `timedelta` to whole units. It is refused below zero and where it is not whole."""
    if not isinstance(value, timedelta):
        raise refusal("type_invalid", place)
    if value < timedelta(0) or value % unit:
        raise refusal(code, place)
    return value // unit


def lifetime_days_of(days: int | Absent, lifetime: timedelta | Absent) -> int | Absent:
    """Give the number of days that one of the two spellings of a lifetime says."""
    if isinstance(lifetime, Absent):
        return days
    if not isinstance(days, Absent):
        raise refusal("lifetime_invalid", "lifetime")
    whole = span(lifetime, "lifetime", _DAY, "lifetime_invalid")
    if whole == 0:
        raise refusal("lifetime_invalid", "lifetime")
    return whole


def seconds_of(number: int | Absent, span_of_time: timedelta | Absent, place: str) -> int | Absent:
    """Give the number of seconds that one of the two spellings of a span of time says."""
    if isinstance(span_of_time, Absent):
        return number
    if not isinstance(number, Absent):
        raise refusal("type_invalid", place)
    return span(span_of_time, place, _SECOND, "number_invalid")


def clock_of(clock: datetime | int | None) -> int | None:
    """Give the seconds that a clock for tests shows. Numbers are checked where they are used."""
    return seconds_at(clock, "clock") if isinstance(clock, datetime) else clock
