"""An authority as a replica of its store, and what can be asked of a policy."""

from __future__ import annotations

import re
from datetime import timedelta

from tokenward import Authority, Verifier

NOW = 1_800_000_000


def test_an_authority_that_does_not_reach_its_store_turns_stale() -> None:
    with Authority.open("memory:", policy="styra-das", max_age=timedelta(seconds=30), clock=NOW) as authority:
        authority.create_realm("workspace:hooli", administrator="user:ruchita")
        assert authority.authenticate(None).reason == "no_credential"
        assert authority.age <= timedelta(seconds=30)


def test_the_scan_pattern_finds_tokens_on_both_sides() -> None:
    with Authority.open("memory:", policy="styra-das", clock=NOW) as authority:
        authority.create_realm("workspace:hooli", administrator="user:ruchita")
        issued = authority.session("workspace:hooli", "user:ruchita").issue(name="ci", paths=[".*"])
        pattern = authority.scan_pattern()
        assert re.search(pattern, f"key = {issued.token};")
        assert not re.search(pattern, f"key = {issued.client_id};")
        verifier = Verifier.load(authority.snapshot(), clock=NOW)
        assert verifier.scan_pattern() == pattern
        assert verifier.policy() == authority.policy()
        assert [warning.code for warning in verifier.lint(["^/data/foo"])] == ["prefix_without_boundary"]
