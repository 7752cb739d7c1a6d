// How an optimisation spends its time: how many candidates, which rungs, how many pairs at the end.
// Pure arithmetic from what one arm was seen to take. Called by optimize.ts.

import { limits } from "../contract/limits.ts";
import { halvingSchedule, type Rung, scheduleArms } from "./successive-halving.ts";

/**
 * With arms of 6 s this leaves a screening of two candidates and a confirmation of six to eight pairs, and
 * the whole command, report included, stays within 3.5 minutes.
 */
export const budgetSecondsDefault = 195;
/** Traced runs for the report: the default scheduler and the winner. */
export const traceArms = 2;
/** C source → verdict under emulation (SPECIFICATION.md); replaced by what the first ones took. */
export const verifySecondsDefault = 20;
/**
 * The best of what the simulator foresees: more runs for few candidates tell more than few for many. A
 * screening with fewer says little; the confirmation gives up pairs (down to its minimum) first.
 */
export const candidatesWanted = 2;

export interface BudgetInput {
  /** What is left of the budget, seconds. */
  secondsLeft: number;
  armSeconds: number;
  /** Per candidate; 0 once they are verified. */
  verifySeconds: number;
  /** Candidates at hand. */
  candidates: number;
  /** Pairs that the workload asks for. */
  pairs: number;
}

export interface Budget {
  /** The first so many are tried. */
  candidates: number;
  rungs: Rung[];
  pairs: number;
  seconds: number;
  /** False where even one candidate with the fewest pairs takes longer than what is left. */
  fits: boolean;
}

/**
 * The most candidates up to `candidatesWanted` with all pairs; else with the fewest pairs that
 * prove anything; more candidates than wanted only as all pairs allow. One candidate with the
 * fewest pairs is always planned, whether it fits or not.
 */
export function planBudget(input: BudgetInput): Budget {
  const { pairs } = input;
  const fewest = Math.min(pairs, limits.workloadPairsMin);
  const wanted = Math.min(input.candidates, candidatesWanted);
  for (let count = input.candidates; count >= wanted; count--) {
    const plan = planFor(input, count, pairs);
    if (plan?.fits) return plan;
  }
  for (let fewer = pairs - 1; fewer >= fewest; fewer--) {
    const plan = planFor(input, wanted, fewer);
    if (plan?.fits) return plan;
  }
  for (let count = wanted - 1; count > 1; count--) {
    const plan = planFor(input, count, fewest);
    if (plan?.fits) return plan;
  }
  const least = planFor(input, Math.min(1, input.candidates), fewest);
  if (least === null) throw new RangeError("one candidate needs no screening");
  return least;
}

function planFor(input: BudgetInput, candidates: number, pairs: number): Budget | null {
  const { secondsLeft, armSeconds, verifySeconds } = input;
  const fixed = candidates * verifySeconds + (2 * pairs + traceArms) * armSeconds;
  const armsLeft = Math.floor((secondsLeft - fixed) / armSeconds);
  const rungs = halvingSchedule(candidates, Math.max(0, armsLeft));
  if (rungs === null) return null;
  const seconds = fixed + scheduleArms(rungs) * armSeconds;
  return { candidates, rungs, pairs, seconds, fits: seconds <= secondsLeft };
}
