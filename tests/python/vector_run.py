"""One vector, run through the public API. Documents of raw text go through the boundary behind it."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from tokenward import Authority, Decision, Guard, Issued, Session, TokenwardError, Verifier, _native
from vector_edits import edited
from vector_matching import difference

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_800_000_000
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\.([a-z0-9_.]+)((?:\|[^{}|]+)*)\}")


class Run:
    """One vector being run."""

    def __init__(self, vector: dict[str, Any]) -> None:
        self.vector = vector
        self.now = START
        self.authority = Authority.open("memory:", policy_text(vector["policy"]), clock=START)
        self.saved: dict[str, Any] = {}

    def fault(self) -> str | None:
        """Give the first thing that is not as expected."""
        with self.authority:
            for number, step in enumerate(self.steps(), 1):
                try:
                    found = self.step(step)
                except Exception as error:  # whatever it is, the next vector still runs
                    found = repr(error)
                if found:
                    return f"step {number} ({step.get('do', 'clock')}): {found}"
        return None

    def steps(self) -> list[dict[str, Any]]:
        """Give the steps; a row of raw text is one call of the boundary behind the API."""
        if "steps" in self.vector:
            steps: list[dict[str, Any]] = self.vector["steps"]
            return steps
        row = self.vector
        call = {"do": "_call", "as": row.get("as"), "with": {"operation": row["operation"], "text": row["text"]}}
        return [*row.get("setup", []), {**call, "raw": True, "expect": row["expect"]}]

    def step(self, step: dict[str, Any]) -> str | None:
        if "clock" in step:
            self.set_clock(step["clock"])
            return None
        given = step.get("with", {}) if step.get("raw") else self.resolved(step.get("with", {}))
        expected = self.resolved(step.get("expect"))
        try:
            result = self.call(step, given)
        except TokenwardError as error:
            return self.leak(error) or refusal(error, expected)
        if "save" in step:
            self.saved[step["save"]] = result
        if expected is None:
            return None
        if "error" in expected:
            return f"succeeded with {spelled(result)!r}, expected {expected['error']}"
        return difference(spelled(result), value_of(expected))

    def call(self, step: dict[str, Any], given: dict[str, Any]) -> Any:
        operation = step["do"]
        if special := SPECIAL.get(operation):
            target = self.saved[step["on"]] if "on" in step else self.authority
            return special(self, target, **given)
        if operation == "_call":
            session = self.saved.get(step["as"])
            call = self.authority._call if session is None else session._native.call
            text = given["text"]  # as it stands: braces in it are not placeholders
            return call(given["operation"], text if isinstance(text, str) else self.resolved(text))
        name = step.get("as") or step.get("on")
        target = self.authority if name is None else self.saved[name]
        return getattr(target, operation)(**given)

    def set_clock(self, now: int) -> None:
        self.now = now
        for one in (self.authority, *self.saved.values()):
            if isinstance(one, (Authority, Verifier)):
                one.set_clock(now)

    def leak(self, error: TokenwardError) -> str | None:
        """No error holds eight characters in a row of a secret."""
        text = f"{error} {error.place} {error!r}"
        for issued in self.saved.values():
            if isinstance(issued, Issued):
                secret = issued.client_secret
                if any(secret[index : index + 8] in text for index in range(len(secret) - 7)):
                    return "the error holds a part of a secret"
        return None

    def resolved(self, value: Any) -> Any:
        """Fill in the placeholders and the long strings."""
        if isinstance(value, str):
            return self.filled(value)
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if isinstance(value, dict) and "repeat" in value:
            ends = [self.resolved(value.get(end, "")) for end in ("prefix", "suffix")]
            return ends[0] + self.resolved(value["repeat"]["text"]) * value["repeat"]["times"] + ends[1]
        if isinstance(value, dict):
            return {name: self.resolved(field) for name, field in value.items()}
        return value

    def filled(self, text: str) -> Any:
        whole = PLACEHOLDER.fullmatch(text)
        if whole and not whole[3]:
            return self.field(whole[1], whole[2])
        return PLACEHOLDER.sub(self.replaced, text)

    def replaced(self, match: re.Match[str]) -> str:
        text = str(self.field(match[1], match[2]))
        for edit in match[3].split("|")[1:]:
            text = edited(text, edit, lambda alias: self.saved[alias].token)
        return text

    def field(self, alias: str, path: str) -> Any:
        value = spelled(self.saved[alias])
        for name in path.split("."):
            value = value[int(name)] if isinstance(value, list) else value[name]
        return value


def policy_text(policy: str | dict[str, Any] | None) -> str | None:
    return json.dumps(policy) if isinstance(policy, dict) else policy


def refusal(error: TokenwardError, expected: dict[str, Any] | None) -> str | None:
    if expected is None or "error" not in expected:
        return f"{error!r}"
    if error.code != expected["error"]:
        return f"{error!r}, expected {expected['error']}"
    if error.place != expected.get("place", error.place):
        return f"{error!r}, expected at {expected['place']!r}"
    return None


def value_of(expected: dict[str, Any]) -> Any:
    if "decision" in expected:
        return {"reason": expected["decision"], "allowed": expected["decision"] == "allowed"}
    return expected["value"]


def spelled(result: Any) -> Any:  # noqa: PLR0911
    """Spell a result as vectors do: documents, instants as whole seconds."""
    if isinstance(result, Decision):
        return dict(result.to_dict())
    if isinstance(result, Issued):
        names = ["client_id", "client_secret", "token", "name", "roles", "expires_at"]
        return {name: spelled(getattr(result, name)) for name in names}
    if isinstance(result, _native.Issued):
        return result.document()
    if isinstance(result, Session):
        return {"realm": result.realm, "principal": result.principal}
    if isinstance(result, datetime):
        return int((result - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())
    if dataclasses.is_dataclass(result):
        return {field.name: spelled(getattr(result, field.name)) for field in dataclasses.fields(result)}
    if isinstance(result, (list, tuple)):
        return [spelled(item) for item in result]
    if isinstance(result, dict):
        return {name: spelled(item) for name, item in result.items()}
    return result


def _open(run: Run, _: Authority, policy: Any) -> None:
    Authority.open("memory:", policy_text(policy), clock=run.now).close()


def _guard_authorize(run: Run, _: Authority, guard: str, credential: Any, **given: Any) -> Decision:
    bound: Guard = run.saved[guard]
    params = given.pop("params", {})
    return bound.authorize(credential, **given, **params)


def _load_verifier(run: Run, _: Authority, realm: str | None = None, **given: Any) -> Verifier:
    return Verifier.load(run.authority.snapshot(realm=realm), clock=run.now, **given)


def _apply_events(run: Run, _: Authority, verifier: str, realm: str | None = None) -> int:
    replica: Verifier = run.saved[verifier]
    return replica.apply(run.authority.events(replica.revision, realm=realm))


SPECIAL: dict[str, Callable[..., Any]] = {
    "open": _open,
    "revision": lambda _, target: target.revision,
    "guard_authorize": _guard_authorize,
    "load_verifier": _load_verifier,
    "apply_events": _apply_events,
    "save_as_json": lambda run, _, issued: run.saved[issued].to_json(),
    "save_as_csv": lambda run, _, issued: run.saved[issued].to_csv(),
}
