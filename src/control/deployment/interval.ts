// The confidence interval of a mean over paired runs. With 6 to 8 pairs the usual percentile
// bootstrap is far too narrow (it covered the truth 85–89 % of the time instead of 95 % in
// bench/statistics/coverage.ts), so this is a studentised one. Called by summary.ts.

import { type Random, seededRandom } from "./random.ts";
import { percentileOfSorted } from "./statistics.ts";

export const confidenceLevel = 0.95;
export const resamplesDefault = 5000;
/** Below so many values resampling has too few distinct samples: Student's t is used instead. */
export const bootstrapSizeMin = 6;

/** Two-sided 95 % quantiles of Student's t for 1 to 4 degrees of freedom (2 to 5 values). */
const studentQuantiles = [12.7062, 4.30265, 3.18245, 2.77645];

export interface MeanInterval {
  mean: number;
  low: number;
  high: number;
}

/**
 * 95 % interval of the mean of `values` (here: log ratios, or differences, of pairs).
 *
 * Six values and more: the symmetric studentised bootstrap (bootstrap-t). Each resample gives
 * |mean* − mean| ÷ SE*; the 95 % quantile of those takes the place of Student's. Sources: Efron and
 * Tibshirani, "An Introduction to the Bootstrap" (1993), section 12.5; Hall, "On symmetric bootstrap
 * confidence intervals", JRSS B 50 (1988), for the symmetric form, whose coverage error is smaller.
 * Two to five values: Student's t. One value says nothing on spread: the interval is unbounded.
 */
export function meanInterval(
  values: readonly number[],
  seed: number,
  resamples = resamplesDefault,
): MeanInterval {
  const { mean, standardError } = meanAndError(Float64Array.from(values));
  const half = halfWidth(values, mean, standardError, seed, resamples);
  return { mean, low: mean - half, high: mean + half };
}

function halfWidth(
  values: readonly number[],
  mean: number,
  standardError: number,
  seed: number,
  resamples: number,
): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  // Equal values (a metric that does not vary at all) have no error to resample.
  if (standardError <= Math.abs(mean) * 1e-12) return 0;
  const student = studentQuantiles[values.length - 2];
  if (values.length < bootstrapSizeMin && student !== undefined) return student * standardError;
  const scores = resampledScores(Float64Array.from(values), mean, seededRandom(seed), resamples);
  const quantile = percentileOfSorted(scores.sort(), confidenceLevel);
  return quantile * standardError;
}

/** |mean* − mean| ÷ SE* of each resample; a resample of equal values counts as beyond any bound. */
function resampledScores(
  values: Float64Array,
  mean: number,
  random: Random,
  resamples: number,
): Float64Array {
  const scores = new Float64Array(resamples);
  const drawn = new Float64Array(values.length);
  for (let round = 0; round < resamples; round++) {
    for (let place = 0; place < drawn.length; place++) {
      drawn[place] = values[Math.floor(random() * values.length)] ?? mean;
    }
    const resample = meanAndError(drawn);
    const distance = Math.abs(resample.mean - mean);
    scores[round] = resample.standardError > 0 ? distance / resample.standardError : scoreMax;
  }
  return scores;
}

const scoreMax = 1e6;

function meanAndError(values: Float64Array): { mean: number; standardError: number } {
  if (values.length === 0) throw new RangeError("an interval needs a value");
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  if (values.length < 2) return { mean, standardError: 0 };
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, standardError: Math.sqrt(squares / (values.length - 1) / values.length) };
}
