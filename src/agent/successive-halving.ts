// Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification", 2016): every
// candidate gets a little of the budget, the better half gets the next share. The schedule and the
// choice of survivors, pure. Called by budget.ts and optimize.ts.

export interface Rung {
  /** Candidates that enter it. */
  candidates: number;
  /** Rounds of (default + every candidate). */
  rounds: number;
}

/** Rounds of one rung are bounded: beyond that the confirmation is the better use of time. */
export const rungRoundsMax = 6;

/**
 * From all candidates down to one, the budget shared evenly between the rungs. `armsBudget` is in
 * arms, a round of n candidates costing n + 1. Null where not even one round a rung fits. One
 * candidate needs no screening: an empty schedule.
 */
export function halvingSchedule(candidates: number, armsBudget: number): Rung[] | null {
  const sizes: number[] = [];
  for (let alive = candidates; alive > 1; alive = survivorsOf(alive)) sizes.push(alive);
  if (scheduleArms(sizes.map((size) => ({ candidates: size, rounds: 1 }))) > armsBudget)
    return null;
  // A rung that has to have one round may overdraw its share, so the rest is shared by what follows.
  let left = armsBudget;
  return sizes.map((size, index) => {
    const later = scheduleArms(sizes.slice(index + 1).map((n) => ({ candidates: n, rounds: 1 })));
    const share = Math.min(left / (sizes.length - index), left - later);
    const rounds = Math.min(rungRoundsMax, Math.max(1, Math.floor(share / (size + 1))));
    left -= rounds * (size + 1);
    return { candidates: size, rounds };
  });
}

export function survivorsOf(candidates: number): number {
  return Math.ceil(candidates / 2);
}

export function scheduleArms(rungs: readonly Rung[]): number {
  return rungs.reduce((arms, rung) => arms + rung.rounds * (rung.candidates + 1), 0);
}

/**
 * Who goes on: the better half by score (higher is better), at most `survivorsOf` of those that
 * entered. A candidate that failed has no score and never goes on. Equal scores keep their order.
 */
export function survivors<T>(entered: readonly { who: T; score: number | null }[]): T[] {
  return entered
    .flatMap(({ who, score }) => (score === null ? [] : [{ who, score }]))
    .sort((a, b) => b.score - a.score)
    .slice(0, survivorsOf(entered.length))
    .map(({ who }) => who);
}
