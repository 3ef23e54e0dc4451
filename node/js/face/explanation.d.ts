import type { DecisionFields } from "./decision.js";

/** An answer of `explain`: the decision, and the steps that led to it. */
export interface Explanation {
  readonly decision: Omit<DecisionFields, "revision"> & { readonly revision?: number };
  /** In the order in which they were taken; the last one that did not pass decided. */
  readonly steps: readonly ExplanationStep[];
  /** What would have satisfied the step that failed; `null` when the request is allowed or nothing would. */
  readonly remedy: string | null;
}

/** One step of an {@link Explanation}; further fields say what it looked at. */
export interface ExplanationStep {
  readonly step: string;
  readonly passed: boolean;
  readonly [detail: string]: unknown;
}
