"""Every case of the table, in every framework, by a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import servers
from wire import GROUPS, SERVED, TABLE, World, app_of, faults


@pytest.mark.parametrize("variant", ["routes", "protected"])
@pytest.mark.parametrize(("framework", "server"), SERVED)
def test_the_table(framework: str, server: str, variant: str, capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    app = app_of(framework, server, world, protected=variant == "protected")
    ran = 0
    wrong: list[str] = []
    with getattr(servers, server)(app) as port:
        for group in GROUPS:
            count, found = faults(world, port, group, variant)
            ran, wrong = ran + count, wrong + found
    world.authority.close()
    with capsys.disabled():
        print(f"\nweb cases: {ran} run ({framework}, {variant})")
    assert ran == sum(case.get("only", variant) == variant for group in GROUPS for case in group["cases"]) > 0
    assert not wrong, "\n".join([f"{len(wrong)} cases fail", *wrong])


def test_every_bad_input_of_http_has_a_case() -> None:
    path = Path(__file__).parents[1] / "data/bad-inputs.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    known = {row["id"] for row in rows if row["area"] in ("bearer_header", "path_canonical")}
    tried = {case["row"] for group in GROUPS for case in group["cases"] if "row" in case}
    assert tried | set(TABLE["left_out"]) == known
    assert not tried & set(TABLE["left_out"])
