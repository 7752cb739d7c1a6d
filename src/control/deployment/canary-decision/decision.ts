// What a canary's comparison says at any time, and why: JSON-safe values. Made by canary-test.ts and
// metric-test.ts, put into words by decision-text.ts.

import type { Direction } from "../statistics.ts";

/** All but `continue` are final. Whatever is not `promote` keeps, or brings back, the default. */
export type CanaryDecision =
  | { decision: "continue" }
  | { decision: "promote" }
  /** Strongest evidence first; ties by name. */
  | { decision: "revert"; causes: RevertCause[] }
  | { decision: "inconclusive"; reason: InconclusiveReason };

export interface RevertCause {
  reason: "objective-worse" | "guardrail-broken";
  metric: string;
}

/**
 * - `pairs-limit`, `void-limit`, `time-limit`: the limit was reached first.
 * - `out-of-reach`: the pairs that are left could not promote it, however well they went.
 * - `no-objective`: every guardrail holds, but nothing was there to be better in. That it does no harm is no
 *   reason to leave the default. Who wants a metric to count as the objective names it before the start.
 */
export type InconclusiveReason =
  | "pairs-limit"
  | "void-limit"
  | "time-limit"
  | "out-of-reach"
  | "no-objective";

export interface CanaryEvidence {
  /** That count. */
  pairs: number;
  voidPairs: number;
  candidateNumber: number;
  /** The objective, if any, then the guardrails as planned. */
  metrics: MetricEvidence[];
}

/** Odds that may be looked at at any time: P(ever `eValue` ≥ x | hypothesis) ≤ 1/x. */
export interface Odds {
  /** 1 says nothing; cut at 10¹². */
  eValue: number;
  /** From here on it is established. */
  needed: number;
  established: boolean;
}

export interface MetricEvidence {
  metric: string;
  role: "objective" | "guardrail";
  direction: Direction;
  /** Observations: blocks in which it could be sampled. */
  blocks: number;
  /** The change to be above: 0 for the objective, minus the worst allowed regression for a guardrail. */
  boundPercent: number;
  /** Percent of the default's value, positive is better. Null before the first observation. */
  improvementPercent: number | null;
  /** Holds at all looks at once, with `confidencePercent`. Ends at ±1000 or, where −100 or 100 is the end, there. */
  confidenceSequence: [number, number];
  confidencePercent: number;
  /** That the change is above the bound: the objective is better, the guardrail holds. */
  holds: Odds;
  /** That it is below: the objective is worse, the guardrail is broken. */
  fails: Odds;
}
