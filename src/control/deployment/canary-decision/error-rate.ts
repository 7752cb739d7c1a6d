// How much error a canary may risk: of promoting what it should not, shared by all candidates that are
// tried on one node with one workload, and of reverting what it need not, shared by one candidate's
// metrics. Pure. Called by metric-test.ts and canary-test.ts.

/** Chance that any candidate, however many are tried, is ever promoted on a node and workload by luck. */
export const falsePromotionMax = 0.05;

/** Chance that one candidate is reverted by luck. It costs a good candidate and harms nobody. */
export const falseRevertMax = 0.05;

/**
 * The k-th candidate's share of `falsePromotionMax`: 6 ÷ (π² k²) of it. Those shares add up to 1 over all
 * k, so that the chance of ever promoting wrongly stays within the whole, by the union bound: whatever
 * the candidates have in common, and without knowing beforehand how many will come. The price grows slowly:
 * the tenth candidate needs a hundred times the first one's odds, which seven more blocks give in which all
 * goes well. Source: weighted Bonferroni over a stream of hypotheses
 * ("alpha-spending"), Foster and Stine, "Alpha-investing" (JRSS-B 70, 2008) and Tian and Ramdas, "Online
 * control of the familywise error rate" (Stat. Methods Med. Res. 30, 2021).
 *
 * `candidateNumber` is 1 for the first candidate that got windows here. It is fixed before the
 * candidate's first window, is kept over restarts, is never given again, and counts a second try of the
 * same policy as another candidate: each is another chance of luck. What was screened out elsewhere, on
 * other data, does not count.
 */
export function promotionLevel(candidateNumber: number): number {
  if (!Number.isSafeInteger(candidateNumber) || candidateNumber < 1) {
    throw new RangeError(`candidates are numbered from 1, not ${candidateNumber}`);
  }
  return (falsePromotionMax * 6) / (Math.PI * candidateNumber) ** 2;
}

/**
 * The level at which each of `metrics` may cause a revert: any one of them suffices, so their errors
 * add up (union bound, Bonferroni), whatever they have in common.
 *
 * Promotion needs no such share. It needs every metric's own test to reject its own hypothesis ("the
 * objective is not better", "this guardrail is worse than allowed"). Where promotion is wrong, at least
 * one of these hypotheses is true, and it alone stands in the way with its full level: P(all reject) ≤
 * P(that one rejects) ≤ level. Source: the intersection-union test, Berger, "Multiparameter hypothesis
 * testing and acceptance sampling" (Technometrics 24, 1982).
 */
export function revertLevel(metrics: number): number {
  return falseRevertMax / metrics;
}
