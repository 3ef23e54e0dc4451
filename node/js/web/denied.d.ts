import type { Reason } from "../face/decision.js";

/** A request that was denied, where `onDenied` is `throw`. Nothing of it holds a secret. */
export class RequestDenied extends Error {
  private constructor();
  /** What the client is told: one code for every token that is not valid. */
  readonly code: "invalid_request" | "no_credential" | "invalid_token" | "insufficient_scope" | "unavailable";
  /** The HTTP status, under the two names that frameworks look for. */
  readonly status: 400 | 401 | 403 | 503;
  readonly statusCode: 400 | 401 | 403 | 503;
  readonly expose: true;
  /** The headers of the answer: `Content-Type`, `WWW-Authenticate`, `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The problem document of the answer. */
  readonly body: string;
  /** Why. For the host's own log; no serializer finds it. */
  get reason(): Reason;
  /** The answer as a web-standard response. */
  getResponse(): Response;
  /** The problem document. */
  toJSON(): { type: string; title: string; status: number; detail: string; code: string };
}
