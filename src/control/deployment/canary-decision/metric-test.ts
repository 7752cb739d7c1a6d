// One metric of a canary: whether it is above its bound (better; not worse than allowed) or below it.
// Called by canary-test.ts.

import { improvementPercent, mean } from "../statistics.ts";
import { effectInterval } from "./confidence-sequence.ts";
import type { MetricEvidence, Odds } from "./decision.ts";
import type { CanaryMetric } from "./plan.ts";
import { SymmetricBets } from "./symmetric-bets.ts";
import { logAdvantage, type WindowPair } from "./window-pair.ts";

const eValueMax = 1e12;

export interface MetricQuestion {
  metric: CanaryMetric;
  role: MetricEvidence["role"];
  /** 0 for the objective. */
  worstPercent: number;
  /** Accepted chance of taking it to be above its bound where it nowhere is. */
  alphaHolds: number;
  /** The same of below. */
  alphaFails: number;
}

export class MetricTest {
  readonly question: MetricQuestion;
  readonly #bets: SymmetricBets;
  readonly #values: number[] = [];

  constructor(question: MetricQuestion) {
    this.question = question;
    this.#bets = new SymmetricBets(logBound(question));
  }

  /** A block says nothing where neither window of a pair has the metric, or the pairs contradict without bound. */
  add(block: readonly WindowPair[]): void {
    const advantages = block.map((pair) => logAdvantage(this.question.metric, pair));
    const counted = advantages.filter((advantage) => advantage !== null);
    if (counted.length < block.length) return;
    const value = mean(counted);
    if (Number.isNaN(value)) return;
    this.#values.push(value);
    this.#bets.add(value);
  }

  get holds(): boolean {
    return this.#bets.logAbove >= -Math.log(this.question.alphaHolds);
  }

  get fails(): boolean {
    return this.#bets.logBelow >= -Math.log(this.question.alphaFails);
  }

  /** ln of the odds that it fails: to order what has failed. */
  get logFails(): number {
    return this.#bets.logBelow;
  }

  /** Whether it could still come to hold within so many blocks. */
  mayHoldWithin(blocks: number): boolean {
    return this.#bets.logAboveMax(blocks) >= -Math.log(this.question.alphaHolds);
  }

  evidence(): MetricEvidence {
    const { metric, role, worstPercent, alphaHolds, alphaFails } = this.question;
    const percent = (log: number): number =>
      improvementPercent(Math.exp(metric.direction === "maximise" ? log : -log), metric.direction);
    const known = this.#values.length > 0;
    const { low, centre, high } = known
      ? effectInterval(this.#values, { alphaLow: alphaHolds, alphaHigh: alphaFails })
      : { low: Number.NEGATIVE_INFINITY, centre: 0, high: Number.POSITIVE_INFINITY };
    return {
      metric: metric.metric,
      role,
      direction: metric.direction,
      blocks: this.#values.length,
      boundPercent: worstPercent === 0 ? 0 : -worstPercent,
      improvementPercent: known ? percent(centre) : null,
      confidenceSequence: [percent(low), percent(high)],
      confidencePercent: (1 - alphaHolds - alphaFails) * 100,
      holds: odds(this.#bets.logAbove, alphaHolds, this.holds),
      fails: odds(this.#bets.logBelow, alphaFails, this.fails),
    };
  }
}

/** The worst allowed regression as a log ratio, above 0 is better. */
function logBound({ metric, worstPercent }: MetricQuestion): number {
  if (worstPercent === 0) return 0;
  return metric.direction === "maximise"
    ? Math.log1p(-worstPercent / 100)
    : -Math.log1p(worstPercent / 100);
}

function odds(log: number, alpha: number, established: boolean): Odds {
  return { eValue: Math.min(Math.exp(log), eValueMax), needed: 1 / alpha, established };
}
