"""Keys that other systems issued, made by these systems' own libraries, keep working."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_readme import blocks
from tokenward import Authority, ConflictError, InputError, Verifier, read_export

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def django() -> dict[str, Any]:
    """Give keys that django-rest-knox and djangorestframework-api-key made, and their tables."""
    program = [sys.executable, str(Path(__file__).with_name("originals.py"))]
    made: dict[str, Any] = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
    return made


@pytest.fixture
def authority() -> Iterator[Authority]:
    with Authority.open("memory:", policy="default") as authority:
        authority.create_realm("organization:acme", administrator="user:alice")
        yield authority


def reason(target: Authority | Verifier, credential: str) -> str:
    return target.authenticate(credential).reason


@pytest.mark.parametrize("form", ["csv", "dump"])
def test_keys_of_knox(authority: Authority, django: dict[str, Any], form: str) -> None:
    rows = read_export("knox", django[form]["knox_authtoken"], lifetime_days=90)
    tokens = authority.system("organization:acme").import_tokens(rows)
    assert {(token.name, token.owner) for token in tokens} == {("knox/1", "user:1"), ("knox/1-2", "user:1")}
    keys = django["tokens"]
    for key in (keys["knox"], keys["lasting"]):
        for _ in range(2):  # as knox stored it, and in our own form
            assert reason(authority, f"Token {key}") == "allowed"
        assert reason(authority, f"Token {key[:-1]}x") == "no_credential"
    assert reason(authority, f"Token {keys['over']}") == "no_credential"


@pytest.mark.parametrize("form", ["csv", "dump"])
def test_keys_of_rest_framework(authority: Authority, django: dict[str, Any], form: str) -> None:
    host = authority.system("organization:acme")
    rows = read_export("drf_api_key", django[form]["rest_framework_api_key_apikey"], lifetime_days=90)
    tokens = {token.name: token for token in host.import_tokens(rows)}
    assert set(tokens) == {"Billing-Service", "Nightly/Report"}
    assert tokens["Billing-Service"].description == "Billing Service"
    verifier = Verifier.load(authority.snapshot())
    keys = django["tokens"]
    for target in (authority, verifier):
        for key in (keys["plain"], keys["slow"], keys["slow"]):
            assert reason(target, f"Api-Key {key}") == "allowed"
        assert reason(target, f"Api-Key {keys['revoked']}") == "no_credential"
    assert [token.origin and token.origin.rehashed for token in host.tokens()] == [True, True]
    with pytest.raises(ConflictError, match="name"):
        host.import_tokens(rows)


def sanctum(identifier: int, secret: str, prefix: str = "") -> tuple[str, str]:
    """Give a token and its digest as `HasApiTokens::createToken` makes them: prefix, 40 characters, their CRC-32."""
    secret = f"{prefix}{secret}{zlib.crc32(secret.encode()):08x}"
    return f"{identifier}|{secret}", hashlib.sha256(secret.encode()).hexdigest()


def sanctum_table() -> tuple[list[str], str]:
    made = [sanctum(17, "Jd83kLmQ0pXv7RtYw2Bn5ZcHs9GfAe4UiOoTkVb1"), sanctum(18, "p" * 40, "acme_")]
    columns = {"tokenable_type": "App\\Models\\User", "tokenable_id": 7, "abilities": '["*"]', "last_used_at": None}
    rows = [
        {"id": 17 + index, "name": "phone", "token": digest, "expires_at": None, "created_at": "2026-01-02 03:04:05"}
        for index, (_, digest) in enumerate(made)
    ]
    return [token for token, _ in made], json.dumps([{**columns, **row} for row in rows])


def test_tokens_of_sanctum(authority: Authority) -> None:
    tokens, table = sanctum_table()
    rows = read_export("sanctum", table, lifetime_days=90)
    imported = authority.system("organization:acme").import_tokens(rows)
    assert [(token.name, token.owner) for token in imported] == [("phone", "user:7"), ("phone-2", "user:7")]
    assert [reason(authority, f"Bearer {token}") for token in tokens] == ["allowed", "allowed"]
    crossed = "18" + tokens[0][2:]
    assert reason(authority, f"Bearer {crossed}") == "request_malformed"


@pytest.mark.parametrize(
    ("system", "text", "code", "place"),
    [
        ("md5", "[]", "scheme_unknown", "system"),
        ("knox", "[", "document_invalid", "line 1 column 1"),
        ("knox", '{"a": 1}', "type_invalid", ""),
        ("knox", "[1]", "type_invalid", "rows[0]"),
        ("knox", "digest,token_key\na\n", "document_invalid", "line 2"),
        ("knox", "token_key\na\n", "field_missing", "rows[0].digest"),
        ("knox", "digest,token_key,expiry\na,b,soon\n", "instant_invalid", "rows[0].expiry"),
        ("drf_api_key", "hashed_key,prefix\nbcrypt$x$y,a\n", "scheme_unknown", "rows[0].hashed_key"),
        ("drf_api_key", "hashed_key,prefix\npbkdf2_sha256$x$y$z,a\n", "digest_invalid", "rows[0].hashed_key"),
        ("drf_api_key", "hashed_key,prefix,revoked\na,b,perhaps\n", "type_invalid", "rows[0].revoked"),
        ("better_auth", "key\n???\n", "digest_invalid", "rows[0].key"),
    ],
)
def test_exports_that_do_not_hold(system: Any, text: str, code: str, place: str) -> None:
    with pytest.raises(InputError) as raised:
        read_export(system, text)
    assert (raised.value.code, raised.value.place) == (code, place)


def test_the_python_of_the_page(
    django: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for table, text in django["csv"].items():
        Path(f"{table}.csv").write_text(text)
    Path("personal_access_tokens.json").write_text(sanctum_table()[1])
    digest = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
    Path("apikey.json").write_text(json.dumps([{"id": "k1", "name": "shop", "key": digest, "userId": "u1"}]))
    Path("keys.json").write_text(json.dumps([{"shortToken": "BRTRKFsL", "longTokenHash": "ab" * 32, "name": "seam"}]))
    names: dict[str, Any] = {}
    for block in blocks("docs/migrating.md", "python"):
        exec(block.text, names)
    assert "knox/1 user:1 Origin(scheme='knox'" in capsys.readouterr().out
    host = names["host"]
    assert len(host.tokens()) == 9
    assert host.bindings(role="Maintainer")[0].subjects == ("token:ci",)
    assert reason(names["authority"], f"Api-Key {django['tokens']['slow']}") == "allowed"
    names["authority"].close()
