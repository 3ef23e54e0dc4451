"""The pages in docs/: their Python runs and prints what they say, their policies read, their links lead somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import tokenward
from test_readme import ROOT, blocks, lost, read
from tokenward import Authority, errors, records

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md"))
#: Every language is read by something: this file, tests/js/docs.test.mjs, the doctests of the host, a test of its own.
LANGUAGES = {"python", "toml", "json", "sh", "js", "ts", "rust", "text", "console"}


def elsewhere(page: str) -> bool:
    """Say whether a page has a test of its own, since what it shows needs files or programs."""
    others = [path for folder in ("python", "web", "rust") for path in (ROOT / "tests" / folder).rglob("test_*.py")]
    return any(f'"{page}"' in path.read_text(encoding="utf-8") for path in others)


def printed(page: str, language: str) -> list[str]:
    """Give the lines that a page says its blocks of one language print."""
    lines: list[str] = []
    last = ""
    for block in blocks(page):
        if block.language == "text" and last == language:
            lines += block.text.splitlines()
        last = block.language
    return lines


def test_there_are_pages() -> None:
    assert "docs/index.md" in PAGES
    assert sum(len(printed(page, "python")) for page in PAGES) > 10


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_its_language(page: str) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    assert lost(page) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python") and not elsewhere(page)])
def test_python_prints_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": page}
    for block in blocks(page, "python"):
        exec(compile(block.text, page, "exec"), names)
    lines, expected = capsys.readouterr().out.splitlines(), printed(page, "python")
    assert len(lines) == len(expected), lines
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), line), (line, pattern)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "toml") and not elsewhere(page)])
def test_policies_read(page: str) -> None:
    for block in blocks(page, "toml"):
        with Authority.open("memory:", policy=block.text) as authority:
            assert authority.policy()["tokens"]


def test_the_reference_names_everything() -> None:
    named = set(re.findall(r"^::: tokenward\.(\w+)", read("docs/reference/python.md"), re.MULTILINE))
    named |= {*records.__all__, *errors.__all__, "ABSENT", "Absent"}
    assert set(tokenward.__all__) <= named
    shown = re.findall(r"^::: tokenward\.(\w+)", read("docs/reference/python-web.md"), re.MULTILINE)
    extras = re.search(
        r"^\[project.optional-dependencies\]\n(.*?)\n\n", read("python/pyproject.toml"), re.MULTILINE | re.DOTALL
    )
    assert extras is not None
    assert set(shown) == set(re.findall(r"^(\w+) =", extras[1], re.MULTILINE))
