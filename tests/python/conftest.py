"""A small world that tests share: a realm, its administrator, and a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tokenward import Authority, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_800_000_000
REALM = "organization:acme"
PROJECT = "organization:acme/project:site"


@pytest.fixture
def authority() -> Iterator[Authority]:
    with Authority.open("memory:", policy="default", clock=NOW) as authority:
        authority.create_realm(REALM, administrator="user:alice")
        yield authority


@pytest.fixture
def alice(authority: Authority) -> Session:
    return authority.session(REALM, "user:alice")
