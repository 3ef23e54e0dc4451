"""What the pages say is so: Python runs, policies read, commands and links exist, tables agree."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import pytest
from django.conf import settings
from django.test import Client, override_settings
from tokenward import Authority, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "SECURITY.md", "CHANGELOG.md", "core/DESIGN.md"]
PAGES += ["python/README.md", "node/README.md", "wasm/README.md", "docs/migrating.md", "docs/observability.md"]
#: Who runs a block: this file, tests/js/readme.test.mjs, the doctests of the host, or cli/tests/commands/docs.rs.
LANGUAGES = {"python", "toml", "sh", "js", "rust", "console"}
PRESETS = ["default", "styra-das", "astra", "dataprep"]


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str | None = None) -> list[Block]:
    found = [Block(*match) for match in re.findall(r"^```(\S*)\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)]
    return [block for block in found if language in (None, block.language)]


def rows(page: str, heading: str) -> list[list[str]]:
    """Give the rows of the first table below a heading, without its head."""
    section = read(page).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


@pytest.mark.parametrize("page", [page for page in PAGES if page != "core/DESIGN.md"])
def test_every_block_says_its_language(page: str) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES


def lost(page: str) -> list[str]:
    """Give the links of a page, blocks aside, to files that are not there."""
    links = re.findall(r"\]\(([^)#]+)", re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL))
    return [link for link in links if "://" not in link and not ((ROOT / page).parent / link).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    assert lost(page) == []


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Run the Python of a page, block after block, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    if not settings.configured:
        settings.configure()

    def run(page: str) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": page, "apps": {}}
        for block in blocks(page, "python"):
            exec(compile(block.text, page, "exec"), names)
            if "app" in names:  # one for each web framework
                names["apps"][type(names["app"]).__name__] = names["app"]
            if block.text.startswith("TOKENWARD"):  # the settings of a Django project, which has its authority here
                module = ModuleType("project.tokens")
                monkeypatch.setattr(module, "authority", names["authority"], raising=False)
                monkeypatch.setitem(sys.modules, module.__name__, module)
                given = {name: value for name, value in names.items() if name.isupper()}
                changes.enter_context(override_settings(ALLOWED_HOSTS=["testserver"], **given))
                from rest_framework.settings import api_settings  # noqa: PLC0415
                from rest_framework.views import APIView  # noqa: PLC0415

                # A project has its settings before this is imported; here another test may have done so.
                monkeypatch.setattr(APIView, "authentication_classes", api_settings.DEFAULT_AUTHENTICATION_CLASSES)
        if "urlpatterns" in names:
            changes.enter_context(override_settings(ROOT_URLCONF=tuple(names["urlpatterns"])))
        return names

    with ExitStack() as changes:
        yield run


def test_the_python_of_the_readme(run: Callable[[str], dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    names = run("README.md")
    token, reason, steps, remedy = capsys.readouterr().out.splitlines()
    header = {"authorization": f"Bearer {token}"}
    update_dev = names["update_dev"]
    assert update_dev(header, "/v1/systems/dev") == (200, {"X-Principal": "token:ci/deploy"})
    assert update_dev({}, "/v1/systems/dev") == (401, {"WWW-Authenticate": 'Bearer realm="styra-das"'})
    assert update_dev(header, "/v1/stacks/dev")[0] == 403
    assert reason == "permission_missing"
    assert steps.startswith("['")
    assert remedy != "None"
    names["authority"].close()


def test_the_python_of_the_package(run: Callable[[str], dict[str, Any]]) -> None:
    names = run("python/README.md")
    assert names["decision"].principal == "token:ci/deploy"
    operation = names["apps"]["FastAPI"].openapi()["paths"]["/v1/systems/{system}"]["put"]
    assert operation["security"][0] == {"token": ["system-write"]}
    issued = names["ruchita"].issue(name="ci/web", paths=["^/v1/systems/"])
    names["ruchita"].bind("SystemOwner", at="workspace:hooli/system:dev", subjects=["token:ci/web"])
    header = {"Authorization": f"Bearer {issued.token}"}
    client = names["apps"]["Flask"].test_client()
    assert client.put("/v1/systems/dev", headers=header).json == {"written by": "token:ci/web"}
    assert client.put("/v1/systems/prod", headers=header).status_code == 403
    assert client.get("/elsewhere").status_code == 401
    django = Client(headers=header)
    assert django.put("/v1/systems/dev").json() == {"written by": "token:ci/web"}
    assert django.put("/v1/systems/prod").status_code == 403
    assert django.get("/v1/systems/dev/state").json() == {"read by": "token:ci/web"}
    assert django.get("/v1/systems/prod/state").status_code == 403
    assert Client().get("/elsewhere").status_code == 401
    names["authority"].close()


def test_the_policy_of_the_readme() -> None:
    (block,) = blocks("README.md", "toml")
    with Authority.open("memory:", policy=block.text) as authority:
        authority.create_realm("team:acme", administrator="user:ana")
        ana = authority.session("team:acme", "user:ana")
        reader = ana.issue(roles=["Reader"])
        assert reader.token.startswith("notes_")
        assert authority.authorize(reader.token, "note-read", "team:acme/notebook:7")
        assert not authority.authorize(reader.token, "note-write", "team:acme/notebook:7")
        phone = ana.issue("ana/phone")
        assert not authority.authorize(phone.token, "note-read", "team:acme/notebook:7")
        ana.bind("Reader", at="team:acme/notebook:7", subjects=["token:ana/phone"])
        assert authority.authorize(phone.token, "note-read", "team:acme/notebook:7")
        assert not authority.authorize(phone.token, "note-read", "team:acme/notebook:8")


def test_commands_exist() -> None:
    targets = set(re.findall(r"^# +make (\w+)|(?:;|: ) make (\w+)", read("Makefile"), re.MULTILINE))
    targets = {name for pair in targets for name in pair}
    packages = {
        "pip install": re.findall(r'^name = "(.+)"', read("python/pyproject.toml"), re.MULTILINE),
        "npm install": [*re.findall(r'"name": "(.+)"', read("node/package.json") + read("wasm/package.json"))],
        "cargo add": re.findall(r'^name = "(.+)"', read("host/Cargo.toml"), re.MULTILINE),
    }
    commands = [
        line.split("#")[0].strip() for page in PAGES for block in blocks(page, "sh") for line in block.text.splitlines()
    ]
    assert commands
    for command in filter(None, commands):
        program, _, name = command.rpartition(" ")
        assert name in (targets if program == "make" else packages[program]), command


def test_reasons_are_those_of_the_core() -> None:
    table = {
        (reason, status)
        for status, reasons, _ in rows("README.md", "What a decision says")
        for reason in re.findall(r"`(\w+)`", reasons)
    }
    core = set(re.findall(r'^    \w+, "(\w+)", (\d+), ', read("core/src/decision.rs"), re.MULTILINE))
    assert table == core
    assert {reason for reason, _ in table} == set(get_args(Reason))


def test_presets_are_as_told() -> None:
    table = rows("README.md", "Policies")
    assert [row[0] for row in table] == [f"`{preset}`" for preset in PRESETS]
    for preset, row in zip(PRESETS, table, strict=True):
        with Authority.open("memory:", policy=preset) as authority:
            policy = authority.policy()
        tokens = policy["tokens"]
        assert set(row[1].split(": ")[1].split(", ")) == set(policy["resources"])
        assert row[2:5] == [f"`{tokens['prefix']}`", tokens["names"], tokens["paths"]]
        days = tokens["default_lifetime_days"]
        assert row[6].startswith("never" if days == -1 else f"{days} days")
        assert ("rotation" in row[6]) == tokens["rotation"]


def test_speed_and_size_are_those_measured() -> None:
    section = re.search(r"<!-- bench -->\n(.*?)<!-- /bench -->", read("README.md"), re.DOTALL)
    assert section is not None
    quoted = [line for line in section[1].splitlines() if line.startswith("|")]
    results = ROOT / "tests/bench/results.md"
    measured = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    assert [line for line in quoted if line not in measured] == []
    assert bool(quoted) == bool(measured), "the README quotes rows of tests/bench/results.md"
