// What the SDK of OpenTelemetry is told, read from its exporters in memory.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { context, metrics, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { instrument } from "tokenward/opentelemetry";
import { instrument as edge } from "tokenward-wasm/opentelemetry";
import { faces, issued, REALM } from "./faces.mjs";
import { eventually, leaks } from "./observed.mjs";

const instruments = { addon: instrument, wasm: edge };

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const open = [];
after(() => Promise.all(open.map((provider) => provider.shutdown())));

/** Providers of the SDK, and what they were told. */
class Telemetry {
  #exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  #spans = new InMemorySpanExporter();

  constructor(sampler) {
    const reader = new PeriodicExportingMetricReader({ exporter: this.#exporter, exportIntervalMillis: 3_600_000 });
    this.metrics = new MeterProvider({ readers: [reader] });
    const options = { spanProcessors: [new SimpleSpanProcessor(this.#spans)] };
    this.trace = new BasicTracerProvider(sampler === undefined ? options : { ...options, sampler });
    open.push(this.metrics, this.trace);
  }

  get spans() {
    return this.#spans.getFinishedSpans();
  }

  async collected() {
    this.#exporter.reset();
    await this.metrics.forceFlush();
    const [{ scopeMetrics } = { scopeMetrics: [] }] = this.#exporter.getMetrics();
    return scopeMetrics.flatMap((scope) => scope.metrics);
  }

  async points(name) {
    const found = (await this.collected()).filter(({ descriptor }) => descriptor.name === name);
    return found.flatMap(({ dataPoints }) => dataPoints);
  }

  /** The values of a metric by the values of attributes. */
  async counts(name, ...attributes) {
    const points = await this.points(name);
    return Object.fromEntries(
      points.map((point) => [attributes.map((key) => point.attributes[key]).join(" "), point.value]),
    );
  }
}

for (const [face, api] of faces) {
  const instrument = instruments[face];

  test(`${face}: decisions are counted and timed, changes counted`, async () => {
    const { authority, alice, token, resource } = await issued(api);
    const telemetry = new Telemetry();
    instrument(authority, { metrics: telemetry.metrics });
    instrument(authority, { metrics: telemetry.metrics }); // is once
    for (let time = 0; time < 3; time++) authority.authorize(token.token, "project-read", resource, "/v1/");
    authority.authorize(token.token, "project-write", resource, "/v1/");
    authority.authenticate(null);
    assert.deepEqual(await telemetry.counts("tokenward.decisions", "tokenward.reason", "tokenward.allowed"), {
      "allowed true": 3,
      "permission_missing false": 1,
      "no_credential false": 1,
    });
    const durations = await telemetry.points("tokenward.decision.duration");
    assert.equal(durations.length, 3);
    for (const { value } of durations) {
      assert.equal(value.buckets.boundaries[0], 5e-7);
      assert.ok(value.min >= 0 && value.max < 60);
    }
    await alice.issue({ name: "other", roles: ["Viewer"] });
    await alice.revoke("other");
    await eventually(async () => {
      const counted = await telemetry.counts("tokenward.changes", "tokenward.operation");
      return counted.token_issued === 1 && counted.token_revoked === 1;
    });
    assert.deepEqual(telemetry.spans, []);
    await authority.close();
  });

  test(`${face}: age and revision of each replica`, async () => {
    const now = new Date(1_800_000_000_000);
    const { authority, alice } = await issued(api, { clock: now });
    const verifier = api.Verifier.load(await authority.snapshot(), { maxAgeSeconds: 60, clock: now });
    const telemetry = new Telemetry();
    const { metrics, trace } = telemetry;
    instrument(authority, { metrics, attributes: { replica: "authority" } });
    instrument(verifier, { metrics, trace, attributes: { replica: "verifier" } });
    verifier.setClock(new Date(now.getTime() + 61_000));
    await alice.issue({ name: "later", roles: ["Viewer"] });
    assert.equal((await telemetry.counts("tokenward.replica.age", "replica")).verifier, 61);
    assert.deepEqual(await telemetry.counts("tokenward.revision", "replica"), {
      authority: authority.revision,
      verifier: verifier.revision,
    });
    assert.ok(authority.revision > verifier.revision);
    assert.equal(verifier.authenticate(null).reason, "stale");
    const [span] = telemetry.spans;
    assert.deepEqual(span.status, { code: 2, message: "stale" });
    assert.equal(span.attributes.replica, "verifier");
    await authority.close();
  });

  test(`${face}: a decision is a span within the request`, async () => {
    const { authority, token, resource } = await issued(api);
    const telemetry = new Telemetry();
    instrument(authority, { trace: telemetry.trace });
    telemetry.trace.getTracer("web").startActiveSpan("GET /one", (request) => {
      authority.authorize(token.token, "project-read", resource, "/v1/");
      request.end();
    });
    const [decided, request] = telemetry.spans;
    assert.deepEqual([decided.name, request.name], ["tokenward.decide", "GET /one"]);
    assert.equal(decided.parentSpanContext.spanId, request.spanContext().spanId);
    assert.equal(decided.status.code, 0);
    assert.deepEqual(decided.attributes, {
      "tokenward.reason": "allowed",
      "tokenward.allowed": true,
      "tokenward.permission": "project-read",
      "tokenward.realm": REALM,
      "tokenward.token_id": token.clientId,
      "tokenward.principal": "token:ci/deploy",
      "tokenward.revision": authority.revision,
    });
    const off = new Telemetry(new AlwaysOffSampler());
    instrument(authority, { trace: off.trace });
    authority.authenticate(null);
    assert.deepEqual(off.spans, []);
    await authority.close();
  });

  test(`${face}: no secret in any of it`, async () => {
    const { authority, alice, token } = await issued(api);
    const telemetry = new Telemetry();
    instrument(authority, { metrics: telemetry.metrics, trace: telemetry.trace });
    const secret = token.token;
    await alice.addUser("bob", { password: "correct horse battery" });
    for (const credential of [secret, `Bearer ${secret}`, secret.slice(0, -1), `${secret}x`]) {
      authority.authorize(credential, "project-read", `${REALM}/project:one`, `/v1/${secret}`);
      authority.authorize(credential, secret, secret, { path: secret });
      authority.authenticate(credential, { path: `/${secret}` });
    }
    await eventually(async () => (await telemetry.counts("tokenward.changes", "tokenward.operation")).user_added === 1);
    assert.equal(telemetry.spans.length, 12);
    const spans = telemetry.spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
    const text = JSON.stringify([spans, await telemetry.collected()]);
    assert.match(text, /token:ci\/deploy/);
    for (const kept of [token.clientSecret, "correct horse battery"]) assert.equal(leaks(text, kept), false);
    await authority.close();
  });

  test(`${face}: what cannot be reported to is refused`, async () => {
    const { authority } = await issued(api);
    const refused = (act, code, place) => assert.throws(act, { code, place });
    refused(() => instrument({}, {}), "type_invalid", "replica");
    refused(() => instrument(authority, { metrics: {} }), "type_invalid", "metrics");
    refused(() => instrument(authority, { trace: null }), "type_invalid", "trace");
    refused(() => instrument(authority, { tracer: 1 }), "field_unknown", "field 1");
    await authority.close();
  });
}

test("the page", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tokenward-observe-"));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(fileURLToPath(new URL("../node_modules", import.meta.url)), join(folder, "node_modules"), "dir");
  const page = readFileSync(new URL("../../docs/observability.md", import.meta.url), "utf8");
  const blocks = Array.from(page.matchAll(/^```js\n(.*?)^```$/gms), ([, text]) => text);
  assert.equal(blocks.length, 2);
  const program = join(folder, "page.mjs");
  writeFileSync(program, `${blocks.join("\n")}\nexport { authority, denied };\n`);
  const telemetry = new Telemetry();
  metrics.setGlobalMeterProvider(telemetry.metrics);
  trace.setGlobalTracerProvider(telemetry.trace);
  const log = t.mock.method(console, "log", () => undefined);
  const { authority, denied } = await import(pathToFileURL(program));
  assert.deepEqual(log.mock.calls[0].arguments, [[["no_credential", null, null]]]);
  await authority.createRealm(REALM);
  authority.authenticate("junk");
  assert.deepEqual(denied[1], ["token_malformed", null, null]);
  const counted = await telemetry.counts("tokenward.decisions", "tokenward.reason", "tokenward.replica");
  assert.deepEqual(counted, { "token_malformed web": 1 });
  assert.deepEqual(
    telemetry.spans.map(({ name }) => name),
    ["tokenward.decide"],
  );
  await eventually(() => log.mock.callCount() === 2);
  assert.deepEqual(log.mock.calls[1].arguments, ["realm_created", "system"]);
  await eventually(async () => (await telemetry.points("tokenward.changes")).length === 1);
  const rows = page.split("\n## OpenTelemetry\n")[1].matchAll(/^\| `(tokenward\.\S+)` \|/gm);
  const names = (await telemetry.collected()).map(({ descriptor }) => descriptor.name);
  assert.deepEqual(Array.from(rows, ([, name]) => name).sort(), names.sort());
  await authority.close();
});

test("neither package imports anything of OpenTelemetry", () => {
  const imports = /(from|import|import\(|require\()\s*["']@opentelemetry/;
  assert.match(readFileSync(fileURLToPath(import.meta.url), "utf8"), imports);
  const read = (folder) =>
    readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(js|ts)$/.test(entry.name))
      .map((entry) => readFileSync(new URL(entry.name, new URL(folder, import.meta.url)), "utf8"));
  const texts = ["../../node/", "../../node/js/", "../../node/js/face/", "../../wasm/", "../../wasm/js/"].flatMap(read);
  assert.ok(texts.length > 40);
  for (const text of texts) assert.doesNotMatch(text, imports);
});
