"""The short story of the README, and what each of its results looks like."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tokenward import Authority, Check, DeniedError, Verifier

if TYPE_CHECKING:
    from pathlib import Path

DEV = "workspace:hooli/system:dev"


def test_the_story(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'tokens.db'}"
    authority = Authority.open(store, policy="styra-das")
    authority.create_realm("workspace:hooli", administrator="user:ruchita")
    ruchita = authority.session("workspace:hooli", "user:ruchita")

    issued = ruchita.issue(name="ci/deploy", paths=["^/v1/systems/"], lifetime_days=30)
    assert not authority.authorize(issued.token, "system-write", DEV, path="/v1/systems/dev")

    ruchita.bind("SystemOwner", at=DEV, subjects=["token:ci/deploy"])
    header = f"Bearer {issued.token}"
    decision = authority.authorize(header, "system-write", DEV, path="/v1/systems/dev")
    assert decision
    assert (decision.allowed, decision.reason, decision.status) == (True, "allowed", 200)
    assert (decision.principal, decision.owner) == ("token:ci/deploy", "user:ruchita")
    assert (decision.token_id, decision.token_name) == (issued.client_id, "ci/deploy")
    assert (decision.realm, decision.www_authenticate) == ("workspace:hooli", None)
    assert decision.revision == authority.revision

    denied = authority.authorize(header, "system-write", DEV, path="/v1/data/foo")
    assert not denied
    assert (denied.reason, denied.status) == ("path_not_allowed", 403)
    assert denied.www_authenticate == ('Bearer realm="styra-das", error="insufficient_scope", scope="system-write"')
    nobody = authority.authorize(None, "system-write", DEV)
    assert (nobody.status, nobody.www_authenticate) == (401, 'Bearer realm="styra-das"')
    assert nobody.principal is None

    authority.close()

    with Authority.open(store) as again:
        assert again.authorize(header, "system-write", DEV, path="/v1/systems/dev")
        session = again.login_with_token("workspace:hooli", issued.token)
        assert (session.realm, session.principal) == ("workspace:hooli", "token:ci/deploy")
        with pytest.raises(DeniedError) as caught:
            session.issue("mine", paths=[".*"])
        assert caught.value.code == "not_permitted"


def test_a_token_and_its_record(authority: Authority) -> None:
    alice = authority.session("organization:acme", "user:alice")
    issued = alice.issue("ci/deploy", description="deploys", roles=["Viewer"], paths=["^/v1/"], lifetime_days=7)
    token = alice.token("ci/deploy")
    assert token.client_id == issued.client_id
    assert token.expires_at == issued.expires_at == token.created_at + timedelta(days=7)
    assert (token.description, token.paths, token.roles) == ("deploys", ("^/v1/",), ("Viewer",))
    assert (token.owner, token.created_by, token.status) == ("user:alice", "user:alice", "active")
    assert alice.tokens(status="active") == [token]
    assert hash(token) == hash(alice.token(issued.client_id))
    assert alice.disable("ci/deploy").status == "disabled"
    assert authority.authenticate(issued.token).reason == "token_disabled"
    assert alice.enable("ci/deploy").status == "active"
    rotated = alice.rotate("ci/deploy", overlap=timedelta(hours=1))
    assert rotated.name == "ci/deploy"
    assert authority.authenticate(issued.token)
    assert authority.authenticate(rotated.token)
    alice.revoke("ci/deploy")
    assert authority.authenticate(rotated.token).reason == "token_revoked"


def test_a_verifier_follows(authority: Authority) -> None:
    alice = authority.session("organization:acme", "user:alice")
    token = alice.issue("a", roles=["Viewer"]).token
    start = 1_800_000_000
    verifier = Verifier.load(authority.snapshot(), max_age=timedelta(minutes=5), clock=start)
    guard = verifier.guard("project-read", "organization:{org}/project:{project}")
    assert guard.authorize(token, org="acme", project="site")
    assert guard.authorize(token, None, org="acme", project="site").principal == "token:a"
    alice.revoke("a")
    verifier.apply(authority.events(verifier.revision))
    assert verifier.revision == authority.revision
    assert guard.authorize(token, org="acme", project="site").reason == "token_revoked"
    verifier.set_clock(start + 301)
    assert verifier.age == timedelta(seconds=301)
    stale = verifier.authenticate(token)
    assert (stale.reason, stale.status) == ("stale", 503)


def test_guards_and_their_parameters(authority: Authority) -> None:
    alice = authority.session("organization:acme", "user:alice")
    token = alice.issue("a", roles=["Viewer"], paths=["^/v1/"]).token
    guard = authority.guard("project-read", "organization:acme/project:{project}")
    assert guard.authorize(token, "/v1/a", project="site")
    assert guard.authorize(token, path="/v1/a", project="site")
    assert guard.authorize(credential=token, path="/v1/a", project="site")
    assert guard.authorize(token, project="site").reason == "path_not_allowed"
    assert guard.authorize(token, "/v1/a", project="a/b").reason == "resource_invalid"
    fixed = authority.guard("project-read", "organization:acme/project:site")
    assert fixed.authorize(token, "/v1/a")
    assert fixed.authorize(None, "/v1/a").reason == "no_credential"


def test_many_at_once(authority: Authority) -> None:
    alice = authority.session("organization:acme", "user:alice")
    token = alice.issue("a", roles=["Viewer"]).token
    site = "organization:acme/project:site"
    decisions = authority.authorize_many(
        [
            {"credential": token, "permission": "project-read", "resource": site},
            {"credential": token, "permission": "project-write", "resource": site, "path": "/v1"},
            {"credential": None, "permission": "project-read", "resource": site, "path": None},
        ]
    )
    assert [decision.reason for decision in decisions] == ["allowed", "permission_missing", "no_credential"]
    assert alice.can("project-write", site)
    checks: list[Check] = [
        {"permission": "project-write", "resource": site},
        {"permission": "item-read", "resource": site + "/item:1"},
    ]
    assert alice.can_many(checks) == [True, True]
    assert alice.who_can("project-write", site) == ["user:alice"]


def test_why(authority: Authority) -> None:
    alice = authority.session("organization:acme", "user:alice")
    token = alice.issue("a", roles=["Viewer"]).token
    site = "organization:acme/project:site"
    explanation = authority.explain(token, "project-read", site)
    assert explanation.decision["reason"] == "allowed"
    assert all(step.passed for step in explanation.steps)
    assert explanation.remedy is None
    denied = authority.explain(token, "project-write", site)
    assert denied.decision["reason"] == "permission_missing"
    assert [step.passed for step in denied.steps].count(False) == 1
    assert denied.remedy


def test_roles_users_settings(authority: Authority) -> None:
    alice = authority.session("organization:acme", "user:alice")
    role = alice.create_role("Deployer", ["project-write"], resources=["organization:acme/project:*"])
    assert (role.permissions, role.predefined) == (("project-write",), False)
    assert alice.update_role("Deployer", description="deploys").description == "deploys"
    binding = alice.bind("Deployer", at="organization:acme", subjects=["user:bob", "service:ci"])
    assert alice.bindings(role="Deployer") == [binding]
    rest = alice.unbind(binding.id, subjects=["user:bob"])
    assert rest is not None
    assert rest.subjects == ("service:ci",)
    assert alice.unbind(binding.id) is None
    alice.delete_role("Deployer")
    assert "Deployer" not in [role.name for role in alice.roles()]
    user = alice.add_user("bob", password="correct horse")
    assert (user.user, user.has_password) == ("bob", True)
    assert authority.login("organization:acme", "bob", "correct horse").principal == "user:bob"
    alice.delete_user("bob")
    assert alice.users() == []
    assert alice.update_settings(maximum_lifetime_days=30).maximum_lifetime_days == 30
    assert alice.settings().maximum_lifetime_days == 30
    last = authority.audit(after=authority.revision - 1)
    assert [(entry.by, entry.realm) for entry in last] == [("user:alice", "organization:acme")]
    assert authority.policy()["name"] == "default"
    assert [warning.index for warning in authority.lint(["^/data/foo", "^/data/foo/.*"])] == [0]
    assert [realm.realm for realm in authority.realms()] == ["organization:acme"]
