"""Publishing: where to, and what was published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Published", "Target"]


class Target(Protocol):
    """Keeps bytes under names of letters, digits and `-`: a bucket, a cache, a table."""

    def get(self, name: str, /) -> bytes | None:
        """Give what is kept under a name, or `None`."""
        ...

    def put(self, name: str, content: bytes, /) -> object:
        """Keep bytes under a name, in place of what was there: whoever reads gets the one or the other, whole."""
        ...

    def delete(self, name: str, /) -> object:
        """Delete what is kept under a name, if anything is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What `Authority.publish` did."""

    revision: int
    """The revision that replicas reach by it."""
    published_at: datetime
    """When the registry was known to be at that revision: replicas count their age from it."""
    written: tuple[str, ...]
    """Names of what was written, in that order."""
