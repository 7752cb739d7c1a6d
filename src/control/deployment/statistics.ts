// Descriptive statistics over repeated runs: percentiles, spread, fairness, change in percent.
// Pure functions of numbers. Called by metrics, profile and summary; knows nothing of nodes.

import type { Spread } from "../../contract/measurement.ts";

export type Direction = "minimise" | "maximise";

/**
 * Percentile by linear interpolation between the order statistics (definition 7 of Hyndman and Fan,
 * "Sample Quantiles in Statistical Packages", 1996; numpy's default). `fraction` is in [0, 1].
 */
export function percentile(values: readonly number[], fraction: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), fraction);
}

export function percentileOfSorted(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) throw new RangeError("a percentile needs a value");
  const position = (sorted.length - 1) * fraction;
  const below = at(sorted, Math.floor(position));
  const above = at(sorted, Math.ceil(position));
  return below + (above - below) * (position - Math.floor(position));
}

function at(sorted: ArrayLike<number>, index: number): number {
  const value = sorted[index];
  if (value === undefined) throw new RangeError(`no value at ${index} of ${sorted.length}`);
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("a mean needs a value");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (n − 1); 0 for a single value. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

export function spread(values: readonly number[]): Spread {
  const centre = mean(values);
  return {
    median: median(values),
    mean: centre,
    min: Math.min(...values),
    max: Math.max(...values),
    cvPercent: centre === 0 ? 0 : (standardDeviation(values) / Math.abs(centre)) * 100,
  };
}

/**
 * Jain's fairness index, (Σx)² ÷ (n Σx²): 1 where all shares are equal, 1/n where one has everything
 * (Jain, Chiu and Hawe, DEC-TR-301, 1984). All shares 0 is equal: 1.
 */
export function jainIndex(shares: readonly number[]): number {
  if (shares.length === 0) throw new RangeError("a fairness index needs a share");
  // Scaled by the largest first, so that squares of tiny shares do not vanish.
  const largest = Math.max(...shares);
  if (largest === 0) return 1;
  const scaled = shares.map((share) => share / largest);
  const sum = scaled.reduce((total, share) => total + share, 0);
  const squares = scaled.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (scaled.length * squares);
}

/**
 * Improvements beyond this are cut to it, in percent: near-zero values have no meaningful ratio, and
 * an interval over too few runs has no end; neither has a place in JSON as infinity.
 */
export const improvementPercentMax = 1000;

/**
 * Change in percent of the default's value, positive is better: a makespan (minimised) that falls to
 * 0.8 of the default's is +20, a throughput (maximised) that rises to 1.2 of it is +20.
 */
export function improvementPercent(ratio: number, direction: Direction): number {
  const change = (direction === "minimise" ? 1 - ratio : ratio - 1) * 100;
  return clampPercent(change);
}

/** An interval of ratios as one of improvements, low end first. */
export function improvementInterval(
  ratios: readonly [number, number],
  direction: Direction,
): [number, number] {
  const ends = ratios.map((ratio) => improvementPercent(ratio, direction));
  return [Math.min(...ends), Math.max(...ends)];
}

export function clampPercent(percent: number): number {
  const cut = Math.max(-improvementPercentMax, Math.min(improvementPercentMax, percent));
  // −0 would print as "-0" and differ from 0 after a round trip through JSON.
  return cut === 0 ? 0 : cut;
}
