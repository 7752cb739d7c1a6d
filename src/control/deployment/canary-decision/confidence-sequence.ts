// The estimate of an effect with an interval that holds at all looks at once. Pure. Called by
// metric-test.ts.

import { SymmetricBets } from "./symmetric-bets.ts";

/** Log ratios beyond this (a thousand times) are not told apart. */
const logRatioMax = Math.log(1000);
/** Width at which a search ends: a thousandth of a percent. */
const tolerance = 1e-5;

export interface EffectInterval {
  /** Log ratios; an end that the values do not bound is infinite. */
  low: number;
  high: number;
  /** The effect for which the evidence that it is more equals the evidence that it is less. */
  centre: number;
}

/**
 * Those effects θ which neither test of symmetric-bets.ts has refuted: low is where the evidence for "above
 * θ" falls below 1/alphaLow, high where that for "below θ" does. E falls, or rises, steadily with θ, so each is
 * one point, and the interval says the same as the tests: the effect is established to be above a bound
 * exactly where low is. Over all looks together, a constant effect is ever left out with a probability
 * of at most alphaLow + alphaHigh (Darling and Robbins, "Confidence sequences for mean, variance, and
 * median", PNAS 58, 1967). `values`: one a block, at least one.
 */
export function effectInterval(
  values: readonly number[],
  levels: { alphaLow: number; alphaHigh: number },
): EffectInterval {
  const betsAt = (bound: number): SymmetricBets => {
    const bets = new SymmetricBets(bound);
    for (const value of values) bets.add(value);
    return bets;
  };
  return {
    low: crossing((bound) => betsAt(bound).logAbove + Math.log(levels.alphaLow)),
    high: crossing((bound) => -betsAt(bound).logBelow - Math.log(levels.alphaHigh)),
    centre: crossing((bound) => {
      const bets = betsAt(bound);
      return bets.logAbove - bets.logBelow;
    }),
  };
}

/** Where a falling function passes 0, by bisection; ±∞ where it does not within the range. */
function crossing(falling: (bound: number) => number): number {
  let low = -logRatioMax;
  let high = logRatioMax;
  if (falling(low) < 0) return Number.NEGATIVE_INFINITY;
  if (falling(high) >= 0) return Number.POSITIVE_INFINITY;
  while (high - low > tolerance) {
    const middle = (low + high) / 2;
    if (falling(middle) >= 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
