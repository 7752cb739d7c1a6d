// One pair: the default scheduler's run and the candidate's, taken one after the other. Decides
// which pairs count. Pure. Called by measure.ts, screen.ts and summary.ts.

import type { Pair, RunSample } from "../../contract/measurement.ts";
import { type Random, shuffled } from "./random.ts";

/**
 * Steal that both arms share cancels in their ratio to first order; a difference between them does
 * not, and shows about one for one as a change of the policy. Five points is below the smallest
 * effect that eight pairs can prove at the spread that was seen under emulation (4–6 %).
 */
export const stealDifferencePercentMax = 5;
/**
 * An arm robbed of a quarter of its time is another machine: a vCPU that the host takes away while
 * it holds a lock or runs the longest job is not something a guest's scheduler can answer for.
 */
export const stealPercentMax = 25;

/** Why a pair does not count, or null where it does. Its duration never is a reason. */
export function voidReason(pair: {
  default: Pick<RunSample, "stealPercent">;
  candidate: Pick<RunSample, "stealPercent">;
}): string | null {
  const steals = [pair.default.stealPercent, pair.candidate.stealPercent];
  const [low, high] = [Math.min(...steals), Math.max(...steals)];
  const shown = `${pair.default.stealPercent.toFixed(1)} % under the default, ${pair.candidate.stealPercent.toFixed(1)} % under the candidate`;
  if (high > stealPercentMax) return `the host stole CPU time: ${shown}`;
  if (high - low > stealDifferencePercentMax) {
    return `the host stole CPU time from one run only: ${shown}`;
  }
  return null;
}

export function makePair(input: {
  index: number;
  first: Pair["first"];
  objective: string;
  default: RunSample;
  candidate: RunSample;
}): Pair {
  const { index, first, objective } = input;
  const reason = voidReason(input);
  return {
    index,
    first,
    default: input.default,
    candidate: input.candidate,
    ratio: metricOf(input.candidate, objective) / metricOf(input.default, objective),
    ...(reason === null ? {} : { void: reason }),
  };
}

export function metricOf(sample: RunSample, metric: string): number {
  const value = sample.metrics[metric];
  if (value === undefined) throw new RangeError(`a run without its metric ${metric}`);
  return value;
}

export function countedPairs(pairs: readonly Pair[]): Pair[] {
  return pairs.filter((pair) => pair.void === undefined);
}

/**
 * Which arm goes first, endlessly: in every two pairs each arm is first once, by a coin (A B B A or
 * B A A B), so that a steady drift of the host cancels instead of favouring an arm.
 */
export function* firstArms(random: Random): Generator<Pair["first"], never> {
  const arms = ["default", "candidate"] as const;
  for (;;) yield* shuffled(arms, random);
}
