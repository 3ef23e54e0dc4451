"""A read-only replica from a snapshot, for read-heavy processes and workers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from . import _native
from ._arguments import ABSENT, Absent, clock_of, seconds_of
from .observation import OnDecision, observe
from .requests import Requests

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Verifier"]


class Verifier(_native.Verifier, Requests):
    """Answers requests as the authority whose snapshot it was loaded from, and follows it by its events.

    ```python
    verifier = Verifier.load(snapshot, max_age=timedelta(minutes=5))
    verifier.apply(events)                    # what authority.events(verifier.revision) gave
    decision = verifier.authorize(header, "system-read", "workspace:hooli/system:dev")
    ```
    """

    __slots__ = ()

    @classmethod
    def load(
        cls,
        snapshot: bytes | bytearray,
        *,
        max_age_seconds: int | Absent = ABSENT,
        max_age: timedelta | Absent = ABSENT,
        clock: datetime | int | None = None,
    ) -> Self:
        """Load a snapshot.

        Args:
            snapshot: What `Authority.snapshot` gave.
            max_age_seconds: Beyond this age the answer is `stale` (503), never `allowed`. Left out, there is no bound.
            max_age: The same as a `timedelta`.
            clock: A clock that stands still, for tests: an aware `datetime` or seconds since 1970.

        Raises:
            StoreError: `snapshot_invalid`, `snapshot_version`.
        """
        bound = seconds_of(max_age_seconds, max_age, "max_age")
        return cls(snapshot, None if isinstance(bound, Absent) else bound, clock_of(clock))

    def set_clock(self, clock: datetime | int | None) -> None:
        """Set a clock that stands still, for tests, or the system's clock again with `None`."""
        self._set_clock(clock_of(clock))

    def observe(self, *, on_decision: OnDecision | None = None) -> None:
        """Have a hook told of each decision from now on. Of changes the authority tells. See `Authority.observe`."""
        observe(self, on_decision, None)

    @property
    def age(self) -> timedelta:
        """The time since the state that it holds was known to be the authority's."""
        return timedelta(seconds=self._age)
