"""What the SDK of OpenTelemetry is told, read from its exporters in memory."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import Any

import pytest
from conftest import NOW, PROJECT, REALM
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import StatusCode
from test_observe import eventually
from test_readme import blocks, rows
from test_secrets import holds
from tokenward import Authority, Session, Verifier
from tokenward.opentelemetry import instrument


class Telemetry:
    """Providers of the SDK, and what they were told."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader], shutdown_on_exit=False)
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))

    def watch(self, replica: Authority | Verifier, **options: Any) -> None:
        instrument(replica, meter_provider=self.meters, tracer_provider=self.tracers, **options)

    def metrics(self) -> list[Metric]:
        data = self.reader.get_metrics_data()
        resources = data.resource_metrics if data else []
        return [metric for resource in resources for scope in resource.scope_metrics for metric in scope.metrics]

    def names(self) -> set[str]:
        return {metric.name for metric in self.metrics()}

    def points(self, name: str) -> list[Any]:
        return [point for metric in self.metrics() if metric.name == name for point in metric.data.data_points]

    def counts(self, name: str, *attributes: str) -> dict[Any, Any]:
        return {tuple(point.attributes.get(key) for key in attributes): point.value for point in self.points(name)}


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


DECIDED = ("tokenward.reason", "tokenward.allowed")


def test_decisions_are_counted_and_timed(telemetry: Telemetry, authority: Authority, alice: Session) -> None:
    token = alice.issue("ci", roles=["Viewer"]).token
    telemetry.watch(authority)
    telemetry.watch(authority)  # is once
    for _ in range(3):
        authority.authorize(token, "project-read", PROJECT)
    authority.authorize(token, "project-write", PROJECT)
    authority.authenticate(None)
    expected = {("allowed", True): 3, ("permission_missing", False): 1, ("no_credential", False): 1}
    assert telemetry.counts("tokenward.decisions", *DECIDED) == expected
    durations = telemetry.points("tokenward.decision.duration")
    assert {(point.attributes["tokenward.reason"]): point.count for point in durations} == {
        reason: count for (reason, _), count in expected.items()
    }
    for point in durations:
        assert isinstance(point, HistogramDataPoint)
        assert 0 < point.min <= point.max < 60
        assert point.explicit_bounds[0] == 5e-7


def test_changes_are_counted_by_operation(telemetry: Telemetry, authority: Authority, alice: Session) -> None:
    telemetry.watch(authority)
    for name in ("a", "b"):
        alice.issue(name, roles=["Viewer"])
    alice.revoke("a")
    expected = {("token_issued",): 2, ("token_revoked",): 1}
    eventually(lambda: telemetry.counts("tokenward.changes", "tokenward.operation") == expected)


def test_age_and_revision_of_each_replica(telemetry: Telemetry, authority: Authority, alice: Session) -> None:
    verifier = Verifier.load(authority.snapshot(), clock=NOW, max_age_seconds=60)
    telemetry.watch(authority, attributes={"replica": "authority"})
    telemetry.watch(verifier, attributes={"replica": "verifier"})
    verifier.set_clock(NOW + 61)
    alice.issue("ci", roles=["Viewer"])
    assert telemetry.counts("tokenward.replica.age", "replica")["verifier",] == 61
    revisions = telemetry.counts("tokenward.revision", "replica")
    assert revisions == {("authority",): authority.revision, ("verifier",): verifier.revision}
    assert authority.revision > verifier.revision

    assert verifier.authenticate(None).reason == "stale"
    assert telemetry.counts("tokenward.decisions", "tokenward.reason", "replica") == {("stale", "verifier"): 1}
    (span,) = telemetry.exporter.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "stale")

    # Instruments keep nothing alive.
    del verifier
    gc.collect()
    assert set(telemetry.counts("tokenward.revision", "replica")) == {("authority",)}


def test_a_decision_is_a_span_within_the_request(telemetry: Telemetry, authority: Authority, alice: Session) -> None:
    issued = alice.issue("ci", roles=["Viewer"])
    telemetry.watch(authority)
    with telemetry.tracers.get_tracer("web").start_as_current_span("GET /site"):
        authority.authorize(issued.token, "project-read", PROJECT)
    decided, request = telemetry.exporter.get_finished_spans()
    assert (decided.name, request.name) == ("tokenward.decide", "GET /site")
    assert decided.parent is not None
    assert request.context is not None
    assert decided.parent.span_id == request.context.span_id
    assert decided.status.status_code is StatusCode.UNSET
    assert decided.attributes == {
        "tokenward.reason": "allowed",
        "tokenward.allowed": True,
        "tokenward.permission": "project-read",
        "tokenward.realm": REALM,
        "tokenward.token_id": issued.client_id,
        "tokenward.principal": "token:ci",
        "tokenward.revision": authority.revision,
    }
    assert decided.start_time is not None
    assert decided.end_time is not None
    assert decided.start_time < decided.end_time


def test_spans_can_be_left_out(telemetry: Telemetry, authority: Authority) -> None:
    telemetry.watch(authority, spans=False)
    authority.authenticate(None)
    assert telemetry.exporter.get_finished_spans() == ()
    assert telemetry.counts("tokenward.decisions", *DECIDED) == {("no_credential", False): 1}
    sampled = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    other = Verifier.load(authority.snapshot())
    instrument(other, meter_provider=telemetry.meters, tracer_provider=sampled)
    assert other.authenticate(None).reason == "no_credential"
    assert telemetry.counts("tokenward.decisions", *DECIDED) == {("no_credential", False): 2}


def test_no_secret_in_any_of_it(telemetry: Telemetry, authority: Authority, alice: Session) -> None:
    telemetry.watch(authority)
    issued = alice.issue("ci", roles=["Viewer"], paths=["^/v1/"])
    token = issued.token
    alice.add_user("bob", password="correct horse battery")
    for credential in (token, f"Bearer {token}", token[:-1], f"{token}x"):
        authority.authorize(credential, "project-read", PROJECT, f"/v1/{token}")
        authority.authorize(credential, token, token, token)
        authority.authenticate(credential, path=f"/{token}")
    eventually(lambda: telemetry.counts("tokenward.changes", "tokenward.operation").get(("user_added",)) == 1)
    data = telemetry.reader.get_metrics_data()
    assert data is not None
    spans = telemetry.exporter.get_finished_spans()
    assert len(spans) == 12
    for text in (data.to_json(), *(span.to_json() for span in spans)):
        assert not holds(text, issued.client_secret)
        assert not holds(text, "correct horse battery")


def test_the_page(telemetry: Telemetry, capsys: pytest.CaptureFixture[str]) -> None:
    metrics.set_meter_provider(telemetry.meters)
    trace.set_tracer_provider(telemetry.tracers)
    names: dict[str, Any] = {"__name__": "docs/observability.md"}
    for block in blocks("docs/observability.md", "python"):
        exec(compile(block.text, "docs/observability.md", "exec"), names)
    assert capsys.readouterr().out == "[('no_credential', None, None)]\n"
    with names["authority"] as authority:
        authority.create_realm(REALM)
        authority.authenticate("junk")
    assert names["denied"] == [("no_credential", None, None), ("token_malformed", None, None)]
    counted = telemetry.counts("tokenward.decisions", "tokenward.reason", "tokenward.replica")
    assert counted == {("token_malformed", "web"): 1}
    (span,) = telemetry.exporter.get_finished_spans()
    assert span.name == "tokenward.decide"
    eventually(lambda: telemetry.counts("tokenward.changes", "tokenward.operation") == {("realm_created",): 1})
    assert set(capsys.readouterr().out.splitlines()) == {"realm_created system"}
    assert telemetry.points("tokenward.replica.age")
    table = rows("docs/observability.md", "OpenTelemetry")
    assert {row[0].strip("`") for row in table} == telemetry.names()


def test_nothing_of_it_is_imported_unasked() -> None:
    code = "import sys, tokenward; sys.exit(any(name.split('.')[0] == 'opentelemetry' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
