// A pair of windows, one under the default scheduler and one under the candidate, taken one after the
// other; in which order; and how much better the candidate's was. Pure. Called by who takes windows,
// blocks.ts and metric-test.ts.

import type { Random } from "../random.ts";
import type { CanaryMetric } from "./plan.ts";

/** By the names of the plan; none below 0. A metric that a window could not sample is left out. */
export type WindowValues = Readonly<Record<string, number>>;

export interface WindowPair {
  /** Which block it belongs to; never falls. A void pair may be taken again in its place and order. */
  block: number;
  /** Which arm's window came first. */
  first: "default" | "candidate";
  default: WindowValues;
  candidate: WindowValues;
  /** Set where the pair does not count, with the reason: never one that the candidate's work has caused. */
  void?: string;
}

/**
 * Blocks and orders of the pairs to take, endlessly. One coin a block: it is what the decision rests on
 * (symmetric-bets.ts), so it must come from here, from a seed that owes nothing to what was measured.
 */
export function* windowOrder(
  random: Random,
  pairsPerBlock: 1 | 2,
): Generator<Pick<WindowPair, "block" | "first">, never> {
  for (let block = 0; ; block++) {
    const heads = random() < 0.5;
    yield { block, first: heads ? "default" : "candidate" };
    if (pairsPerBlock === 2) yield { block, first: heads ? "candidate" : "default" };
  }
}

/**
 * ln of how many times better the candidate's window was, so above 0 is better whatever the direction.
 * Null where neither window has the metric. Where one arm alone has it, that arm is better without bound,
 * and so a candidate gains nothing by hiding what it does badly. Throws RangeError for a value that is
 * negative or not finite.
 */
export function logAdvantage(
  { metric, direction, floor = 0 }: CanaryMetric,
  pair: WindowPair,
): number | null {
  const before = pair.default[metric];
  const after = pair.candidate[metric];
  if (before === undefined && after === undefined) return null;
  if (after === undefined) return Number.NEGATIVE_INFINITY;
  if (before === undefined) return Number.POSITIVE_INFINITY;
  for (const value of [before, after]) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a window's ${metric} cannot be ${value}`);
    }
  }
  // Equal values first: 0 of 0 has no ratio.
  if (before === after) return 0;
  const log = Math.log(after + floor) - Math.log(before + floor);
  return direction === "maximise" ? log : -log;
}
