"""What a decision costs in Python, beside an empty call of the same method and beside the same check written by hand.

`bench.py FOLDER OUTPUT SIZE...`: stores and tokens are those that `cargo bench --package conformance` left in FOLDER.
"""

from __future__ import annotations

import gc
import json
import platform
import statistics
import sys
from hashlib import sha256
from pathlib import Path
from time import perf_counter_ns, time
from typing import TYPE_CHECKING

from tokenward import Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Run = Callable[[list[str]], None]

PERMISSION = "item-read"
RESOURCE = "organization:acme/project:site/item:42"
TEMPLATE = "organization:{organization}/project:{project}/item:{item}"
PATH = "/v1/items/42"
CALLS = 200_000
RUN = 2_000
ROUNDS = 5
READ = {"project-read", "item-read"}
PERMISSIONS = {"Viewer": READ, "Editor": READ | {"item-create", "item-write", "item-delete"}}
PREFIXES = [("/v1/items/",), ("/v1/",), ("/v2/", "/v1/items/"), ("/v1/items/",)]


class World:
    """A store with so many tokens, and what is called with them."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size = size
        tokens = (folder / f"{size}.tokens").read_text().split("\n")
        runs = [tokens[first : first + RUN] for first in range(0, size, RUN)]
        self.runs = runs * max(1, CALLS // size)
        authority = Authority.open(f"sqlite:{folder / f'{size}.db'}")
        self.authorize = authority.authorize
        self.guard = authority.guard(PERMISSION, RESOURCE).authorize
        self.template = authority.guard(PERMISSION, TEMPLATE).authorize
        self.check = by_hand(tokens)
        if not all(self.guard(token, PATH) and self.check(token, PATH) for token in tokens):
            raise AssertionError

    def rows(self) -> list[tuple[str, Run]]:
        """Name what is measured; the loop comes first and is taken off the others."""
        return [
            ("loop", self.run_loop),
            ("empty call", self.run_empty),
            ("guard", self.run_guard),
            ("guard with three parameters", self.run_template),
            ("authorize", self.run_authorize),
            ("by hand: hashlib, dict", self.run_by_hand),
        ]

    def run_loop(self, tokens: list[str]) -> None:
        """Do nothing: what the loop alone takes."""
        for _token in tokens:
            pass

    def run_empty(self, tokens: list[str]) -> None:
        """Call what has nothing to decide."""
        call, path = self.guard, PATH
        for _token in tokens:
            call(None, path)

    def run_guard(self, tokens: list[str]) -> None:
        """Decide by a guard."""
        call, path = self.guard, PATH
        for token in tokens:
            call(token, path)

    def run_template(self, tokens: list[str]) -> None:
        """Decide by a guard with three parameters."""
        call, path = self.template, PATH
        for token in tokens:
            call(token, path, organization="acme", project="site", item="42")

    def run_authorize(self, tokens: list[str]) -> None:
        """Decide with everything looked up by name."""
        call, permission, resource, path = self.authorize, PERMISSION, RESOURCE, PATH
        for token in tokens:
            call(token, permission, resource, path)

    def run_by_hand(self, tokens: list[str]) -> None:
        """Check by hand."""
        call, path = self.check, PATH
        for token in tokens:
            call(token, path)


def by_hand(tokens: Sequence[str]) -> Callable[[str, str], bool]:
    """Make the check that one writes by hand: a digest, a dictionary, expiry, resource, path, roles.

    It is written for speed: tuples for records, a loop where `any()` and its generator would take longer.
    """
    expires_at = time() + 1e7
    records = {
        sha256(token.encode()).digest(): (
            expires_at,
            "organization:acme/",
            (("Viewer", "Editor")[number & 1],),
            PREFIXES[number >> 1 & 3],
        )
        for number, token in enumerate(tokens)
    }

    def check(token: str, path: str) -> bool:
        record = records.get(sha256(token.encode()).digest())
        if record is None:
            return False
        expires_at, scope, roles, paths = record
        if time() >= expires_at or not RESOURCE.startswith(scope) or not path.startswith(paths):
            return False
        for role in roles:  # noqa: SIM110
            if PERMISSION in PERMISSIONS[role]:
                return True
        return False

    return check


def measured(run: Run, runs: list[list[str]]) -> float:
    """Give the nanoseconds of one call: the median of short runs, so that one that was interrupted does not count."""
    times = []
    for tokens in runs:
        began = perf_counter_ns()
        run(tokens)
        times.append((perf_counter_ns() - began) / len(tokens))
    return statistics.median(times)


def main(folder: Path, output: Path, sizes: list[int]) -> None:
    """Measure all rows in turn, round after round, and write the medians."""
    worlds = [World(folder, size) for size in sizes]
    gc.collect()
    gc.freeze()
    gc.disable()
    rounds: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for world in worlds:
            loop = 0.0
            for name, run in world.rows():
                value = measured(run, world.runs) - loop
                rounds.setdefault((name, world.size), []).append(value)
                loop = value if name == "loop" else loop
    rows = [
        {"name": name, "size": size, "unit": "ns", "value": statistics.median(values)}
        for (name, size), values in rounds.items()
    ]
    output.write_text(json.dumps({"runtime": f"Python {platform.python_version()}", "rows": rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [int(size) for size in sys.argv[3:]])
