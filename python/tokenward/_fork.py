"""What happens around `os.fork`: stores are closed before, and each process opens its own at its next use.

Threads do not cross a fork, so the child starts its own that follows the store. `subprocess` and `multiprocessing` with
the method `spawn` need nothing of this.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from . import _native

if TYPE_CHECKING:
    from .authority import Authority

_open: Final[WeakSet[Authority]] = WeakSet()


def watch(authority: Authority) -> None:
    """Remember an authority, as long as it lives, for the forks to come."""
    _open.add(authority)


def _in_child() -> None:
    _native._after_fork()
    for authority in list(_open):
        authority._resume_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_native._before_fork,
        after_in_parent=_native._after_fork,
        after_in_child=_in_child,
    )
