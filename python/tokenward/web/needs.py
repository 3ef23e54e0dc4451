"""What routes need of a gate, written down while there may be none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from .gate import Gate

__all__ = ["Met", "Need", "Needs"]

_Part = TypeVar("_Part")


class Needs:
    """What the routes of an application need of its gate: mostly requirements.

    Routes are written at import, and who decides may be known later only, or change from test to test. A need is met
    at once by every gate that there is, and by each later one before its first request, so what is wrong with it is
    told at start-up in either order.
    """

    __slots__ = ("_made", "_makers")

    def __init__(self) -> None:
        self._makers: list[Callable[[Gate], Any]] = []
        self._made: WeakSet[Met] = WeakSet()

    def add(self, make: Callable[[Gate], _Part]) -> Need[_Part]:
        """Note a need, and meet it for every gate that there is."""
        made = [(met, make(met.gate)) for met in self._made]
        for met, part in made:
            met.parts.append(part)
        self._makers.append(make)
        return Need(len(self._makers) - 1)

    def met_by(self, gate: Gate) -> Met:
        """Meet every need by a gate."""
        met = Met(gate, [make(gate) for make in self._makers])
        self._made.add(met)
        return met

    def forget(self, met: Met) -> None:
        """Meet no further needs by a gate that is no longer asked."""
        self._made.discard(met)


class Met:
    """Needs, met by a gate."""

    __slots__ = ("__weakref__", "gate", "parts")

    def __init__(self, gate: Gate, parts: list[Any]) -> None:
        self.gate = gate
        self.parts = parts


class Need(Generic[_Part]):
    """Where a need is met. `Needs.add` makes it."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        self._number = number

    def of(self, met: Met) -> _Part:
        """Give what meets it."""
        return cast("_Part", met.parts[self._number])
