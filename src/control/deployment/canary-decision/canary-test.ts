// The decision of a canary, from pairs of windows as they come: go on, promote, revert, or leave it
// undecided. Pure: who takes windows and acts on the decision is another. Called after every pair.

import { Blocks } from "./blocks.ts";
import type {
  CanaryDecision,
  CanaryEvidence,
  InconclusiveReason,
  RevertCause,
} from "./decision.ts";
import { promotionLevel, revertLevel } from "./error-rate.ts";
import { MetricTest } from "./metric-test.ts";
import { assertPlan, type CanaryPlan } from "./plan.ts";
import type { WindowPair } from "./window-pair.ts";

/**
 * Decides after every block, whether or not anyone looks, and a decision stands: so neither looking
 * often nor looking late changes it. The same pairs give the same decision, so a restart replays them.
 *
 * Promotion needs, at one and the same time, the objective better and every guardrail not worse than it
 * may be, each at the candidate's share of the error (error-rate.ts). One metric that is worse than it may
 * be reverts at once. The order of the plan's metrics does not matter.
 */
export class CanaryTest {
  readonly #plan: CanaryPlan;
  readonly #blocks: Blocks;
  readonly #metrics: MetricTest[];
  #pairs = 0;
  #voidPairs = 0;
  #decision: CanaryDecision = { decision: "continue" };

  /** Throws RangeError for a plan that cannot be meant. */
  constructor(plan: CanaryPlan) {
    assertPlan(plan);
    this.#plan = plan;
    this.#blocks = new Blocks(plan.pairsPerBlock);
    this.#metrics = metricTests(plan);
    this.#decideAfterBlock();
  }

  get decision(): CanaryDecision {
    return this.#decision;
  }

  /** After a final decision, nothing is counted any more. Throws RangeError for a pair that cannot be. */
  add(pair: WindowPair): void {
    if (this.#decision.decision !== "continue") return;
    if (pair.void !== undefined) {
      this.#voidPairs++;
      if (this.#voidPairs >= this.#plan.voidPairsMax) this.#decideInconclusive("void-limit");
      return;
    }
    const block = this.#blocks.add(pair);
    this.#pairs++;
    if (block !== null) {
      for (const metric of this.#metrics) metric.add(block);
      this.#decideAfterBlock();
    }
    if (this.#decision.decision === "continue" && this.#pairs >= this.#plan.pairsMax) {
      this.#decideInconclusive("pairs-limit");
    }
  }

  /** The step's time is over. Without effect on a decision. */
  end(): void {
    if (this.#decision.decision === "continue") this.#decideInconclusive("time-limit");
  }

  /** What is known so far; takes some milliseconds, so not for every pair of a simulation. */
  evidence(): CanaryEvidence {
    return {
      pairs: this.#pairs,
      voidPairs: this.#voidPairs,
      candidateNumber: this.#plan.candidateNumber,
      metrics: this.#metrics.map((metric) => metric.evidence()),
    };
  }

  #decideAfterBlock(): void {
    const causes = revertCauses(this.#metrics);
    const allHold = this.#metrics.every(({ holds }) => holds);
    if (causes.length > 0) this.#decision = { decision: "revert", causes };
    else if (this.#plan.objective === null) {
      if (allHold) this.#decideInconclusive("no-objective");
    } else if (allHold) this.#decision = { decision: "promote" };
    else if (this.#pairs < this.#plan.pairsMax && !this.#isWithinReach()) {
      this.#decideInconclusive("out-of-reach");
    }
  }

  #isWithinReach(): boolean {
    const blocks = Math.floor((this.#plan.pairsMax - this.#pairs) / this.#plan.pairsPerBlock);
    return this.#metrics.every((metric) => metric.mayHoldWithin(blocks));
  }

  #decideInconclusive(reason: InconclusiveReason): void {
    this.#decision = { decision: "inconclusive", reason };
  }
}

function metricTests({ objective, guardrails, candidateNumber }: CanaryPlan): MetricTest[] {
  const alphaHolds = promotionLevel(candidateNumber);
  const alphaFails = revertLevel(guardrails.length + (objective === null ? 0 : 1));
  const levels = { alphaHolds, alphaFails };
  return [
    ...(objective === null
      ? []
      : [new MetricTest({ metric: objective, role: "objective", worstPercent: 0, ...levels })]),
    ...guardrails.map(
      ({ worstPercent, ...metric }) =>
        new MetricTest({ metric, role: "guardrail", worstPercent, ...levels }),
    ),
  ];
}

function revertCauses(metrics: readonly MetricTest[]): RevertCause[] {
  return metrics
    .filter(({ fails }) => fails)
    .sort((a, b) => b.logFails - a.logFails || compare(nameOf(a), nameOf(b)))
    .map((test) => ({
      reason: test.question.role === "objective" ? "objective-worse" : "guardrail-broken",
      metric: nameOf(test),
    }));
}

function nameOf(test: MetricTest): string {
  return test.question.metric.metric;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
