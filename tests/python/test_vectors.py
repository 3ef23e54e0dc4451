"""Every vector, through the public API. They are written by hand and shared with the other languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vector_run import Run

if TYPE_CHECKING:
    import pytest

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors() -> list[tuple[str, dict[str, Any]]]:
    """Give each vector of each file with what its file says for all of them, but for those that skip this face."""
    found = []
    for path in sorted(VECTORS.rglob("*.json")):
        shared = json.loads(path.read_text(encoding="utf-8"))
        for vector in shared.pop("vectors"):
            if "python" not in vector.get("skip", {}):
                name = f"{path.relative_to(VECTORS)}: {vector['name']}"
                found.append((name, {**shared, **vector}))
    return found


def test_vectors(capsys: pytest.CaptureFixture[str]) -> None:
    every = vectors()
    ran = 0
    faults = []
    for name, vector in every:
        fault = Run(vector).fault()
        ran += 1
        if fault:
            faults.append(f"{name}: {fault}")
    with capsys.disabled():
        print(f"\nvectors: {ran} of {len(every)} run (python)")
    assert ran == len(every) > 0
    assert not faults, "\n".join([f"{len(faults)} vectors fail", *faults])
