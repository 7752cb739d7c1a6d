// What a canary is to decide, fixed before its first window. Pure. Called by canary-test.ts and by who
// makes the plan.

import type { Direction } from "../statistics.ts";

export interface CanaryMetric {
  /** Its name in the windows' values. */
  metric: string;
  direction: Direction;
  /**
   * Added to both arms' values before their ratio is taken, in the metric's own unit: what is too small to
   * matter. Without it, a value of 0 against any other is an infinite change. Default 0.
   */
  floor?: number;
}

export interface CanaryGuardrail extends CanaryMetric {
  /**
   * The worst regression that is allowed, in percent of the default scheduler's value. Must be below 100
   * where the metric is maximised. With 0, nothing but an improvement shows that it holds.
   */
  worstPercent: number;
}

export interface CanaryPlan {
  /** Null where it cannot be sampled while the workload runs: then nothing can be promoted. */
  objective: CanaryMetric | null;
  guardrails: readonly CanaryGuardrail[];
  /** 1 for the first candidate on this node with this workload; see error-rate.ts. */
  candidateNumber: number;
  /**
   * Pairs whose order one coin decides, and which give one observation: 2 (A B B A or B A A B) cancels a
   * steady drift, 1 (A B or B A) halves the fewest pairs that can decide, at half as many switches again.
   */
  pairsPerBlock: 1 | 2;
  /** Pairs that count, at most. */
  pairsMax: number;
  /** Pairs that do not count, at most: a node that voids so many is no place to measure. */
  voidPairsMax: number;
}

/** Throws RangeError where a plan cannot be meant: who made it has a fault. */
export function assertPlan(plan: CanaryPlan): void {
  const metrics = [...(plan.objective === null ? [] : [plan.objective]), ...plan.guardrails];
  const names = new Set(metrics.map(({ metric }) => metric));
  if (names.size < metrics.length) throw new RangeError("a plan that names a metric twice");
  for (const { metric, floor = 0 } of metrics) {
    if (!(floor >= 0 && floor < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`the floor of ${metric} cannot be ${floor}`);
    }
  }
  for (const { metric, direction, worstPercent } of plan.guardrails) {
    const end = direction === "maximise" ? 100 : Number.POSITIVE_INFINITY;
    if (!(worstPercent >= 0 && worstPercent < end)) {
      throw new RangeError(`${metric} (${direction}) cannot regress by ${worstPercent} %`);
    }
  }
  for (const limit of ["pairsMax", "voidPairsMax"] as const) {
    if (!Number.isSafeInteger(plan[limit]) || plan[limit] < 1) {
      throw new RangeError(`${limit} cannot be ${plan[limit]}`);
    }
  }
}
