import type { Authority } from "./authority.js";
import type { Registry } from "./registry.js";

/** Values that OpenTelemetry has beside a measurement or a span. */
export type Attributes = Record<string, string | number | boolean>;

/** What is used of a counter, a histogram and a gauge. */
export interface Counter {
  add(value: number, attributes: Attributes): void;
}
export interface Histogram {
  record(value: number, attributes: Attributes): void;
}
export interface Gauge {
  addCallback(callback: (result: { observe(value: number, attributes: Attributes): void }) => void): void;
}

/** What is used of a meter. */
export interface Meter {
  createCounter(name: string, options: { unit: string; description: string }): Counter;
  createHistogram(
    name: string,
    options: { unit: string; description: string; advice: { explicitBucketBoundaries: number[] } },
  ): Histogram;
  createObservableGauge(name: string, options: { unit: string; description: string }): Gauge;
}

/** What is used of a span. */
export interface Span {
  isRecording(): boolean;
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { code: 2; message: string }): unknown;
  end(time: number): void;
}

/** What is used of a tracer. */
export interface Tracer {
  startSpan(name: string, options: { attributes: Attributes; startTime: number }): Span;
}

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /** Takes the metrics: `metrics` of `@opentelemetry/api`, once your SDK is started, or a `MeterProvider`. Absent: none. */
  readonly metrics?: { getMeter(name: string): Meter } | undefined;
  /** Takes the spans: `trace` of `@opentelemetry/api`, or a `TracerProvider`. Absent: none. */
  readonly trace?: { getTracer(name: string): Tracer } | undefined;
  /** What tells this replica from others, in all that it reports. */
  readonly attributes?: { readonly [name: string]: string } | undefined;
}

/**
 * Reports the decisions of an authority or a verifier, and the changes of an authority, from now on.
 *
 * Metrics: `tokenward.decisions` and `tokenward.decision.duration` by `tokenward.reason` and `tokenward.allowed`;
 * `tokenward.changes` by `tokenward.operation`; `tokenward.replica.age`; `tokenward.revision`. A span `tokenward.decide` for
 * each decision is a child of the span that the request is in, and says more: permission, realm, token id, principal,
 * revision. No secret is in any of it. Instrumenting twice is instrumenting once. In Workers, whose clock stands still, durations are zero.
 */
export function instrument(replica: Authority | Registry, options: InstrumentOptions): void;
