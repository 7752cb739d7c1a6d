// The confidence interval of the centre of paired runs. Called by summary.ts. Why it is no bootstrap:
// docs/decisions/0007-signed-ranks-instead-of-a-bootstrap.md, with figures from
// bench/statistics/coverage.ts.

/** One-sided error, so that the two-sided interval holds the truth at least 95 % of the time. */
const tailProbability = 0.025;
/** Below so many values no interval of signed ranks has 95 %: Student's t is used instead. */
const signedRankSizeMin = 6;

/** Two-sided 95 % quantiles of Student's t for 1 to 4 degrees of freedom. */
const studentQuantiles = [12.7062, 4.30265, 3.18245, 2.77645];
/** The same of the normal distribution. */
const normalQuantile = 1.959964;

export interface CentreInterval {
  centre: number;
  low: number;
  high: number;
}

/**
 * 95 % interval of the centre of `values` (here: log ratios, or differences, of pairs).
 *
 * Six values and more: the Hodges–Lehmann estimate, which is the median of all means of two values
 * (Walsh averages), with the interval that inverts Wilcoxon's signed-rank test: from the k-th smallest
 * to the k-th largest average. Its level is exact for any noise that is as likely up as down, which
 * drawing the arms' order at random makes true of pairs without an effect; one wild run moves it
 * little. Source: Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods" (2014), section 3.3.
 * Two to five values: the mean with Student's t. One value says nothing on spread: no bounds.
 */
export function centreInterval(values: readonly number[]): CentreInterval {
  if (values.length < signedRankSizeMin) return meanInterval(values);
  const averages = walshAverages(values);
  const cut = averagesBeyond(values.length);
  const middle = averages.length / 2;
  const centre = (at(averages, Math.ceil(middle) - 1) + at(averages, Math.floor(middle))) / 2;
  return { centre, low: at(averages, cut), high: at(averages, averages.length - 1 - cut) };
}

/**
 * 95 % interval of the mean by Student's t: for what happens seldom (errors, misses), where the centre
 * of most runs says nothing. One value: no bounds.
 */
export function meanInterval(values: readonly number[]): CentreInterval {
  if (values.length === 0) throw new RangeError("an interval needs a value");
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { centre, low: -Infinity, high: Infinity };
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const degrees = values.length - 1;
  const half = studentQuantile(degrees) * Math.sqrt(squares / degrees / values.length);
  return { centre, low: centre - half, high: centre + half };
}

/** From 5 degrees of freedom on to 0.003 by its expansion (Abramowitz and Stegun, 26.7.5). */
function studentQuantile(degrees: number): number {
  const z = normalQuantile;
  return (
    studentQuantiles[degrees - 1] ??
    z +
      (z ** 3 + z) / 4 / degrees +
      (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 / degrees ** 2 +
      (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 / degrees ** 3
  );
}

/** Means of every two values, each with itself too; ascending. */
function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let filled = 0;
  values.forEach((value, first) => {
    for (const other of values.slice(first)) averages[filled++] = (value + other) / 2;
  });
  return averages.sort();
}

/**
 * Walsh averages left out at each end: the most k for which P(W⁺ ≤ k − 1) ≤ 2.5 %, W⁺ being the
 * signed-rank statistic of `size` values without an effect. Exact: of the 2^size ways to give ranks a
 * sign, those with a sum of positive ranks s are the subsets of 1 … size that add up to s.
 */
function averagesBeyond(size: number): number {
  const sumMax = (size * (size + 1)) / 2;
  let probabilities = new Float64Array(sumMax + 1);
  probabilities[0] = 1;
  for (let rank = 1; rank <= size; rank++) {
    probabilities = probabilities.map(
      (without, sum) => (without + (sum >= rank ? at(probabilities, sum - rank) : 0)) / 2,
    );
  }
  let beyond = 0;
  let below = at(probabilities, 0);
  while (below <= tailProbability) {
    beyond++;
    below += at(probabilities, beyond);
  }
  return beyond - 1;
}

function at(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no value at ${index} of ${values.length}`);
  return value;
}
