"""Decisions, changes and the age of replicas as metrics and spans of OpenTelemetry.

It comes with `pip install tokenward[opentelemetry]`.

```python
from tokenward.opentelemetry import instrument

instrument(authority)
```
"""

from __future__ import annotations

from importlib.metadata import version
from threading import Lock
from time import time_ns
from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary

from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.trace import StatusCode, TracerProvider

from .authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .observation import Observation as Seen
    from .observation import OnDecision
    from .records import AuditEntry
    from .verifier import Verifier

__all__ = ["instrument"]

_Attributes: TypeAlias = "dict[str, str | int | bool]"

_SCOPE: Final = "tokenward"
#: Seconds. Deciding takes from less than a microsecond on, and a busy machine may hold it up for long.
_BOUNDARIES: Final = (5e-7, 1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 1e-3, 1e-2, 1e-1)
_UNAVAILABLE: Final = 503


class _Instruments:
    """What a meter provider has of us, for all authorities and verifiers that report to it."""

    def __init__(self, provider: MeterProvider) -> None:
        meter = provider.get_meter(_SCOPE, version("tokenward"))
        self._lock = Lock()
        self._replicas: WeakKeyDictionary[Authority | Verifier, _Attributes] = WeakKeyDictionary()
        self.decisions = meter.create_counter(
            "tokenward.decisions", unit="{decision}", description="Requests decided, by reason."
        )
        self.duration = meter.create_histogram(
            "tokenward.decision.duration",
            unit="s",
            description="How long deciding took.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )
        self.changes = meter.create_counter(
            "tokenward.changes", unit="{change}", description="Changes of the registry, by operation."
        )
        meter.create_observable_gauge(
            "tokenward.replica.age",
            callbacks=[self._ages],
            unit="s",
            description="The time since the state was known to be the newest.",
        )
        meter.create_observable_gauge(
            "tokenward.revision",
            callbacks=[self._revisions],
            unit="{change}",
            description="The number of changes that the state was made by.",
        )

    def add(self, replica: Authority | Verifier, attributes: _Attributes) -> bool:
        """Report of a replica as long as it lives, and say whether that is new."""
        with self._lock:
            new = replica not in self._replicas
            self._replicas[replica] = attributes
        return new

    def _ages(self, _: CallbackOptions) -> Iterable[Observation]:
        return [Observation(replica.age.total_seconds(), attributes) for replica, attributes in self._known()]

    def _revisions(self, _: CallbackOptions) -> Iterable[Observation]:
        return [Observation(replica.revision, attributes) for replica, attributes in self._known()]

    def _known(self) -> list[tuple[Authority | Verifier, _Attributes]]:
        with self._lock:
            return list(self._replicas.items())


_lock: Final = Lock()
_instruments: Final[WeakKeyDictionary[MeterProvider, _Instruments]] = WeakKeyDictionary()


def instrument(
    replica: Authority | Verifier,
    *,
    meter_provider: MeterProvider | None = None,
    tracer_provider: TracerProvider | None = None,
    spans: bool = True,
    attributes: Mapping[str, str] | None = None,
) -> None:
    """Report the decisions of an authority or a verifier, and the changes of an authority, from now on.

    Metrics: `tokenward.decisions` and `tokenward.decision.duration` by `tokenward.reason` and `tokenward.allowed`;
    `tokenward.changes` by `tokenward.operation`; `tokenward.replica.age`; `tokenward.revision`. A span
    `tokenward.decide` for each decision is a child of the span that the request is in, and says more: permission,
    realm, token id, principal, revision. No secret is in any of it. Instrumenting twice is instrumenting once.

    Args:
        replica: The authority or the verifier.
        meter_provider: Who takes the metrics; the global one when left out.
        tracer_provider: Who takes the spans; the global one when left out.
        spans: Whether decisions become spans.
        attributes: What tells this replica from others, in all that it reports.
    """
    provider = metrics.get_meter_provider() if meter_provider is None else meter_provider
    base: _Attributes = dict(attributes or {})
    with _lock:
        instruments = _instruments.get(provider)
        if instruments is None:
            instruments = _instruments[provider] = _Instruments(provider)
    if not instruments.add(replica, base):
        return
    tracers = trace.get_tracer_provider() if tracer_provider is None else tracer_provider
    on_decision = _deciding(instruments, tracers if spans else None, base)
    if not isinstance(replica, Authority):
        replica.observe(on_decision=on_decision)
        return

    def on_change(entry: AuditEntry) -> None:
        instruments.changes.add(1, {**base, "tokenward.operation": entry.operation})

    replica.observe(on_decision=on_decision, on_change=on_change)


def _deciding(instruments: _Instruments, tracers: TracerProvider | None, base: _Attributes) -> OnDecision:
    tracer = None if tracers is None else tracers.get_tracer(_SCOPE, version("tokenward"))

    def on_decision(seen: Seen) -> None:
        end = time_ns()
        told: _Attributes = {**base, "tokenward.reason": seen.reason, "tokenward.allowed": seen.allowed}
        instruments.decisions.add(1, told)
        instruments.duration.record(seen.duration_ns / 1e9, told)
        if tracer is None:
            return
        span = tracer.start_span("tokenward.decide", attributes=told, start_time=end - seen.duration_ns)
        if span.is_recording():
            span.set_attributes(_details(seen))
            if seen.status == _UNAVAILABLE:
                span.set_status(StatusCode.ERROR, seen.reason)
        span.end(end)

    return on_decision


def _details(seen: Seen) -> _Attributes:
    details = {
        "tokenward.permission": seen.permission,
        "tokenward.realm": seen.realm,
        "tokenward.token_id": seen.token_id,
        "tokenward.principal": seen.principal,
        "tokenward.revision": seen.revision,
    }
    return {name: value for name, value in details.items() if value is not None}
