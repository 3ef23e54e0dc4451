"""The JSON Schema of policies, which editors use: it takes what the core takes, and refuses what it can see."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft7Validator
from test_docs import PAGES
from test_readme import PRESETS, ROOT, blocks
from tokenward import Authority, TokenwardError

SCHEMA = json.loads((ROOT / "docs/policy.schema.json").read_text(encoding="utf-8"))
#: What only the core sees, since it compares one part of a policy with another: all that the schema lets pass.
COMPARED = {
    "two roots",
    "no root",
    "a parent that there is not",
    "HS014 kinds that go round in a circle",
    "a permission on a kind that there is not",
    "a role with a permission that there is not",
    "an administrator role that there is not",
    "an escalate permission that there is not",
    "a creator role that there is not",
    "a resource token of a kind that there is not",
    "a name prefix that leads nowhere",
    "an operation with a permission that there is not",
    "more roles at least than at most",
    "a default above the maximum",
}


def valid(policy: object) -> bool:
    return bool(Draft7Validator(SCHEMA).is_valid(policy))


def faults(text: str) -> list[str]:
    """Give what the schema finds in a policy as text, which the core reads."""
    with Authority.open("memory:", policy=text) as authority:
        return [error.message for error in Draft7Validator(SCHEMA).iter_errors(authority.policy())]


def policies() -> list[tuple[str, Any, str | None]]:
    """Give every policy document of the vectors, with the code it is refused with."""
    found: list[tuple[str, Any, str | None]] = []
    for path in sorted((ROOT / "tests/vectors").rglob("*.json")):
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
            if isinstance(vector.get("policy"), dict):
                found.append((vector["name"], vector["policy"], None))
            for step in vector.get("steps", []):
                policy = step.get("with", {}).get("policy")
                if step.get("do") == "open" and isinstance(policy, dict):
                    found.append((vector["name"], policy, (step.get("expect") or {}).get("error")))
    return found


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_hold(preset: str) -> None:
    text = (ROOT / f"core/policies/{preset}.toml").read_text(encoding="utf-8")
    assert faults(text) == []
    assert text.startswith("#:schema ../../docs/policy.schema.json\n")


@pytest.mark.parametrize("page", [page for page in ["README.md", *PAGES] if blocks(page, "toml")])
def test_policies_of_the_pages_hold(page: str) -> None:
    for block in blocks(page, "toml"):
        assert faults(block.text) == []


def test_what_the_core_takes_the_schema_takes() -> None:
    taken = [(name, policy) for name, policy, code in policies() if code is None]
    assert len(taken) > 10
    assert [name for name, policy in taken if not valid(policy)] == []


def test_what_the_core_refuses_the_schema_refuses() -> None:
    refused = [(name, policy) for name, policy, code in policies() if code is not None]
    assert len(refused) > 30
    assert {name for name, policy in refused if valid(policy)} == COMPARED


def test_fields_and_operations_are_those_of_the_core() -> None:
    core = (ROOT / "core/src/policy/operation.rs").read_text(encoding="utf-8")
    operations = list(SCHEMA["properties"]["operations"]["properties"])
    assert operations == re.findall(r'^    \w+, "([\w.]+)";', core, re.MULTILINE)
    read = (ROOT / "core/src/policy/read.rs").read_text(encoding="utf-8")
    rules = (ROOT / "core/src/policy/rules.rs").read_text(encoding="utf-8")
    asked = set(re.findall(r'(?:fields\.\w+\(|days\(&mut fields, |choice\(&mut fields, )"(\w+)"', read + rules))
    tokens = SCHEMA["definitions"]["tokens"]["properties"]
    role = SCHEMA["definitions"]["role"]["properties"]
    settings = SCHEMA["properties"]["settings"]["properties"]
    assert asked == {*SCHEMA["properties"], *tokens, *role, *settings}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a" * 33),
        ("description", "x\u0007"),
        ("description", "x" * 1025),
        ("resources", {}),
        ("resources", {"Org": ""}),
        ("permissions", {"-read": "org"}),
        ("permissions", {"a" * 65: "org"}),
        ("roles", {" Reader": {"permissions": ["org-read"]}}),
        ("roles", {"Two  spaces": {"permissions": ["org-read"]}}),
        ("roles", {"Reader": {"permissions": ["org-read"], "resources": ["org:*/**/site:1"]}}),
        ("roles", {"Reader": {"permissions": ["org-read"], "resources": []}}),
        ("operations", {"token.issue": []}),
        ("operations", {"token.isue": "org-read"}),
        ("settings", {"maximum_lifetime_days": 0}),
        ("settings", {"maximum_lifetime_days": 3_000_001}),
        ("tokens", {"prefix": "tw_", "default_lifetime_days": 1}),
        ("tokens", {"prefix": "tw", "default_lifetime_days": 1, "roles": {"minimum": 0, "maximum": 17}}),
        ("tokens", {"prefix": "tw", "default_lifetime_days": -1}),
        ("tokens", {"prefix": "tw", "default_lifetime_days": 1, "belongs": {"sites/{id}": "org:{id}"}}),
    ],
)
def test_core_and_schema_refuse_alike(field: str, value: object) -> None:
    good = {
        "name": "mine",
        "resources": {"org": ""},
        "permissions": {"org-read": "org"},
        "tokens": {"prefix": "tw", "default_lifetime_days": 30},
    }
    Authority.open("memory:", policy=json.dumps(good)).close()
    assert valid(good)
    bad = json.dumps({**good, field: value})
    assert not valid(json.loads(bad))
    with pytest.raises(TokenwardError):
        Authority.open("memory:", policy=bad)
