// Compiled and never run: what a strict program may and may not write.

import {
  Authority,
  type Decision,
  DeniedError,
  type Guard,
  InputError,
  type Issued,
  type Reason,
  readExport,
  type Session,
  TokenwardError,
  Verifier,
} from "tokenward";
import { metrics, trace } from "@opentelemetry/api";
import type { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { instrument } from "tokenward/opentelemetry";
import * as edge from "tokenward-wasm";
import * as edgeTelemetry from "tokenward-wasm/opentelemetry";

export async function story(header: string | undefined): Promise<string> {
  const authority = await Authority.open("sqlite:tokens.db", { policy: "styra-das" });
  await authority.createRealm("workspace:hooli", { administrator: "user:ruchita", settings: { apiAccess: true } });
  const ruchita: Session = await authority.session("workspace:hooli", "user:ruchita");

  const issued: Issued = await ruchita.issue({ name: "ci/deploy", paths: ["^/v1/systems/"], lifetimeDays: 30 });
  await ruchita.issue({ name: "ci/other", paths: [".*"], expiresAt: new Date(2_000_000_000_000) });
  await ruchita.issue({ never: true });
  await ruchita.bind("SystemOwner", { at: "workspace:hooli/system:dev", subjects: ["token:ci/deploy"] });

  const guard: Guard = authority.guard("system-write", "workspace:hooli/system:{system}");
  const decision: Decision = guard.authorize(header, { path: "/v1/systems/dev", params: { system: "dev" } });
  guard.authorize(null, "/v1/systems/dev");
  const reason: Reason = decision.reason;
  const status: 200 | 400 | 401 | 403 | 503 = decision.status;
  const challenge: string | null = decision.wwwAuthenticate;

  const introspection = authority.introspect(issued.token);
  const scope: string = introspection.active ? introspection.scope : "";
  const expiry: Date | null = (await ruchita.token("ci/deploy")).expiresAt;
  const many: Decision[] = authority.authorizeMany([
    { credential: null, permission: "system-read", resource: "workspace:hooli" },
  ]);
  return [reason, status, challenge, scope, expiry?.toISOString(), many[0]?.allowed, issued.toCsv()].join();
}

export async function imported(host: Session): Promise<boolean | undefined> {
  const rows = readExport("knox", "[]", { roles: ["Viewer"], lifetimeDays: 90 });
  const tokens = await host.importTokens([...rows, { scheme: "sha256", digest: "00", createdAt: new Date() }]);
  // @ts-expect-error a digest is required
  await host.importTokens([{ scheme: "sha256" }]);
  return tokens[0]?.origin?.rehashed;
}

export async function replica(bytes: ArrayBuffer, store: edge.Store): Promise<boolean> {
  const verifier = edge.Verifier.load(bytes, { maxAgeSeconds: 60 });
  verifier.apply("[]");
  await edge.Authority.open(store, { policy: { name: "mine" } });
  return verifier.authorize("x", "system-read", "workspace:hooli", { path: "/" }).allowed && verifier.age < 60;
}

/** What a worker is given, told as the runtime's own types tell it. */
interface Environment {
  readonly TOKENS: { get(key: string, options?: { type?: "arrayBuffer" }): Promise<ArrayBuffer | null> };
}

const follower = new edge.Replica({ maxAgeSeconds: 300, onError: (error: unknown) => told(error) });

export async function pulled(env: Environment, context: edge.Background): Promise<number> {
  const registry: edge.Registry = await follower.pull(edge.kvSource(env.TOKENS), context);
  await follower.pull(edge.httpSource(new URL("https://tokens.example.com"), { fetch }));
  // @ts-expect-error what a replica has comes from its source alone
  registry.apply("[]");
  return registry.revision;
}

export async function published(authority: Authority, folder: string): Promise<Date> {
  const objects = new Map<string, Uint8Array>();
  const target = {
    get: async (name: string) => objects.get(name),
    put: async (name: string, content: Uint8Array) => objects.set(name, content),
    delete: async (name: string) => objects.delete(name),
  };
  const { written } = await authority.publish(target, { realm: "workspace:hooli" });
  return written.length > 1 ? (await authority.publish(folder)).publishedAt : new Date();
}

export function observed(
  authority: Authority,
  verifier: Verifier,
  worker: edge.Verifier,
  meters: MeterProvider,
  tracers: BasicTracerProvider,
): void {
  const denied: [Reason, string | null][] = [];
  authority.observe({
    onDecision: ({ allowed, reason, permission }) => void (allowed || denied.push([reason, permission])),
    onChange: async ({ operation, at }) => `${operation} ${at.toISOString()}`,
  });
  // @ts-expect-error an authority tells of changes
  verifier.observe({ onChange: () => undefined });
  instrument(authority, { metrics, trace });
  instrument(verifier, { metrics: meters, trace: tracers, attributes: { region: "eu" } });
  edgeTelemetry.instrument(worker, { metrics });
}

export function told(error: unknown): string {
  if (error instanceof DeniedError) return error.category satisfies "denied";
  if (error instanceof InputError) return error.place;
  return error instanceof TokenwardError ? error.code : "";
}

export async function refused(authority: Authority, session: Session): Promise<void> {
  // @ts-expect-error a lifetime is said in one way
  await session.issue({ lifetimeDays: 30, never: true });
  // @ts-expect-error an instant is a Date
  await session.issue({ expiresAt: 2_000_000_000 });
  // @ts-expect-error null is not "absent"
  await session.issue({ name: null });
  // @ts-expect-error names are camelCase
  await session.issue({ lifetime_days: 30 });
  // @ts-expect-error a resource is required
  authority.authorize("x", "system-read");
  // @ts-expect-error opened, not constructed
  new Authority();
  // @ts-expect-error the addon has no store objects
  await Authority.open({ read: async () => [], append: async () => true });
  // @ts-expect-error bytes
  Verifier.load("text");
  // @ts-expect-error a decision cannot be changed
  authority.authorize("x", "y", "z").allowed = true;
}
