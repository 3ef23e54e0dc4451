"""Whether a result is what a vector expects."""

from __future__ import annotations

import re
from typing import Any

MISSING: Any = object()


def difference(actual: Any, expected: Any, place: str = "value") -> str | None:
    """Give the first difference as a sentence. Objects compare as subsets, lists exactly."""
    if isinstance(expected, list):
        return _list_difference(actual, expected, place)
    if not isinstance(expected, dict):
        same = type(actual) is type(expected) and actual == expected
        return None if same else _differs(place, actual, repr(expected))
    for operator in expected:
        if operator.startswith("$"):
            return _operator_difference(operator, actual, expected[operator], place)
    if not isinstance(actual, dict):
        return _differs(place, actual, "an object")
    for key, value in expected.items():
        if found := difference(actual.get(key, MISSING), value, f"{place}.{key}"):
            return found
    return None


def _list_difference(actual: Any, expected: list[Any], place: str) -> str | None:
    if not isinstance(actual, list):
        return _differs(place, actual, "a list")
    if len(actual) != len(expected):
        return f"{place} has {len(actual)} items, expected {len(expected)}: {_shown(actual)}"
    for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
        if found := difference(one, other, f"{place}[{index}]"):
            return found
    return None


def _operator_difference(operator: str, actual: Any, operand: Any, place: str) -> str | None:
    nothing = actual is None or actual is MISSING
    if operator == "$absent":
        return None if nothing else _differs(place, actual, "nothing")
    if operator == "$any":
        return _differs(place, actual, "anything") if nothing else None
    if operator == "$length":
        fits = isinstance(actual, (str, list)) and len(actual) == operand
        return None if fits else _differs(place, actual, f"a length of {operand}")
    if operator == "$matches":
        fits = isinstance(actual, str) and re.search(operand, actual) is not None
        return None if fits else _differs(place, actual, f"a match of {operand}")
    if operator == "$set":
        return _set_difference(actual, operand, place)
    return f"{place}: unknown operator {operator}"


def _set_difference(actual: Any, expected: list[Any], place: str) -> str | None:
    if not isinstance(actual, list) or len(actual) != len(expected):
        return _differs(place, actual, f"the set {expected!r}")
    left = list(actual)
    for item in expected:
        fitting = next((one for one in left if difference(one, item) is None), MISSING)
        if fitting is MISSING:
            return _differs(place, actual, f"a set with {item!r}")
        left.remove(fitting)
    return None


def _differs(place: str, actual: Any, expected: str) -> str:
    return f"{place} is {_shown(actual)}, expected {expected}"


def _shown(value: Any) -> str:
    text = "absent" if value is MISSING else repr(value)
    return text if len(text) <= 400 else text[:400] + "..."
