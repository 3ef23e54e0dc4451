"""Publishing to a folder and to targets of one's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tokenward import Authority, ConflictError, InputError, StoreError, Verifier

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000
REALM = "organization:acme"


class Bucket:
    """A target of one's own."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.calls: list[str] = []

    def get(self, name: str) -> bytes | None:
        self.calls.append(f"get {name}")
        return self.objects.get(name)

    def put(self, name: str, content: bytes) -> None:
        self.calls.append(f"put {name}")
        self.objects[name] = content

    def delete(self, name: str) -> None:
        self.calls.append(f"delete {name}")
        del self.objects[name]


def founded() -> Authority:
    authority = Authority.open("memory:", clock=NOW)
    authority.create_realm(REALM, administrator="user:alice")
    return authority


def latest(content: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(content)
    return document


def test_a_folder_and_a_target_get_the_same(tmp_path: Path) -> None:
    bucket = Bucket()
    with founded() as authority:
        token = authority.session(REALM, "user:alice").issue(name="ci").token
        for target in (tmp_path, str(tmp_path), bucket):
            published = authority.publish(target)
            assert published.revision == authority.revision
            assert published.published_at.timestamp() == NOW
            assert published.written[-1] == "latest"
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == bucket.objects
        assert bucket.calls == ["get latest", f"put snapshot-{authority.revision}", "put latest"]
        snapshot = latest(bucket.objects["latest"])["snapshot"]
        verifier = Verifier.load(bucket.objects[snapshot["name"]], clock=NOW)
        assert verifier.authenticate(token)


def test_a_change_is_a_delta_and_what_is_needed_no_more_is_deleted() -> None:
    bucket = Bucket()
    with founded() as authority:
        alice = authority.session(REALM, "user:alice")
        authority.publish(bucket, realm=REALM)
        verifier = Verifier.load(bucket.objects["snapshot-3"], clock=NOW)
        for count in range(40):
            alice.issue(name=f"t{count}")
            before = verifier.revision
            authority.publish(bucket, realm=REALM)
            verifier.apply(bucket.objects[f"delta-{before}-{authority.revision}"].decode())
        assert verifier.revision == authority.revision
        assert "delete snapshot-3" in bucket.calls
        assert latest(bucket.objects["latest"])["realm"] == REALM


def test_what_is_there_is_respected(tmp_path: Path) -> None:
    bucket = Bucket()
    with founded() as authority, founded() as other:
        authority.publish(bucket)
        with pytest.raises(StoreError) as foreign:
            other.publish(bucket)
        assert (foreign.value.code, foreign.value.place) == ("publication_foreign", "store")
        newer = bucket.objects["latest"].replace(b'-3"', b'-9"').replace(b":3,", b":9,")
        bucket.objects["latest"] = newer
        with pytest.raises(ConflictError) as ahead:
            authority.publish(bucket)
        assert ahead.value.code == "publication_newer"
        bucket.objects["latest"] = b"\xff"
        with pytest.raises(StoreError) as damaged:
            authority.publish(bucket)
        assert damaged.value.code == "publication_invalid"
        with pytest.raises(StoreError) as nowhere:
            authority.publish(tmp_path / "nowhere")
        assert (nowhere.value.code, nowhere.value.place) == ("store_failed", "target")
        with pytest.raises(InputError) as wrong:
            authority.publish(5)  # type: ignore[arg-type]
        assert (wrong.value.code, wrong.value.place) == ("type_invalid", "target")


def test_what_a_target_raises_comes_through_and_latest_stays() -> None:
    class Full(Bucket):
        def put(self, name: str, content: bytes) -> None:
            if name.startswith("delta"):
                message = "no space"
                raise OSError(message)
            super().put(name, content)

    bucket = Full()
    with founded() as authority:
        authority.publish(bucket)
        before = dict(bucket.objects)
        authority.create_realm("organization:b")
        with pytest.raises(OSError, match="no space"):
            authority.publish(bucket)
        assert bucket.objects == before
