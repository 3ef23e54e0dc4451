// Decisions, changes and the age of replicas as metrics and spans of OpenTelemetry. Nothing of it is imported: who calls has it.

import { optionsOf } from "./arguments.js";
import { typeInvalid } from "./error.js";

const SCOPE = "tokenward";
/** Seconds. Deciding takes from less than a microsecond on, and a busy machine may hold it up for long. */
const BOUNDARIES = [5e-7, 1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const OPTIONS = ["metrics", "trace", "attributes"];
/** `SpanStatusCode.ERROR` */
const ERROR = 2;

/** What each taker of metrics has of us, and who reports to each taker already. */
const instruments = new WeakMap();
const reporting = new WeakMap();

export function instrument(replica, options) {
  if (typeof replica?.observe !== "function") throw typeInvalid("replica", "an Authority or a Verifier");
  const { metrics, trace, attributes } = optionsOf(options, OPTIONS);
  if (metrics !== undefined && typeof metrics?.getMeter !== "function") throw typeInvalid("metrics", "getMeter");
  if (trace !== undefined && typeof trace?.getTracer !== "function") throw typeInvalid("trace", "getTracer");
  const base = { ...optionsOf(attributes, undefined, "attributes") };
  if (metrics !== undefined && isNew(replica, metrics)) measure(replica, instrumentsOf(metrics), base);
  if (trace !== undefined && isNew(replica, trace)) span(replica, trace.getTracer(SCOPE), base);
}

/** Instrumenting twice is instrumenting once. */
function isNew(replica, taker) {
  const replicas = reporting.get(taker) ?? new WeakSet();
  const known = replicas.has(replica);
  reporting.set(taker, replicas.add(replica));
  return !known;
}

function measure(replica, { decisions, duration, changes, replicas }, base) {
  replicas.add({ replica: new WeakRef(replica), attributes: base });
  const onDecision = ({ reason, allowed, durationNs }) => {
    const attributes = { ...base, "tokenward.reason": reason, "tokenward.allowed": allowed };
    decisions.add(1, attributes);
    duration.record(durationNs / 1e9, attributes);
  };
  const onChange = ({ operation }) => changes.add(1, { ...base, "tokenward.operation": operation });
  // Verifiers tell of no changes: the authority that they follow does.
  replica.observe("audit" in replica ? { onDecision, onChange } : { onDecision });
}

function instrumentsOf(metrics) {
  const made = instruments.get(metrics) ?? instrumentsIn(metrics.getMeter(SCOPE));
  instruments.set(metrics, made);
  return made;
}

/** The instruments of a meter, for all authorities and verifiers that report to it. They keep none of these alive. */
function instrumentsIn(meter) {
  const replicas = new Set();
  const observed = (read) => (result) => {
    for (const entry of replicas) {
      const alive = entry.replica.deref();
      if (alive === undefined) replicas.delete(entry);
      else result.observe(read(alive), entry.attributes);
    }
  };
  meter
    .createObservableGauge("tokenward.replica.age", {
      unit: "s",
      description: "The time since the state was known to be the newest.",
    })
    .addCallback(observed(({ age }) => age));
  meter
    .createObservableGauge("tokenward.revision", {
      unit: "{change}",
      description: "The number of changes that the state was made by.",
    })
    .addCallback(observed(({ revision }) => revision));
  return {
    replicas,
    decisions: meter.createCounter("tokenward.decisions", {
      unit: "{decision}",
      description: "Requests decided, by reason.",
    }),
    duration: meter.createHistogram("tokenward.decision.duration", {
      unit: "s",
      description: "How long deciding took.",
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
    changes: meter.createCounter("tokenward.changes", {
      unit: "{change}",
      description: "Changes of the registry, by operation.",
    }),
  };
}

function span(replica, tracer, base) {
  const onDecision = (seen) => {
    const end = performance.timeOrigin + performance.now();
    const attributes = { ...base, "tokenward.reason": seen.reason, "tokenward.allowed": seen.allowed };
    const span = tracer.startSpan("tokenward.decide", { attributes, startTime: end - seen.durationNs / 1e6 });
    if (span.isRecording()) {
      span.setAttributes(detailsOf(seen));
      if (seen.status === 503) span.setStatus({ code: ERROR, message: seen.reason });
    }
    span.end(end);
  };
  replica.observe({ onDecision });
}

function detailsOf({ permission, realm, tokenId, principal, revision }) {
  const details = { permission, realm, token_id: tokenId, principal, revision };
  const present = Object.entries(details).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [`tokenward.${name}`, value]));
}
