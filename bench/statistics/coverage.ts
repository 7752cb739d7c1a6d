// How often 95 % intervals over a few pairs hold the true centre, and how often they find an effect:
// the percentile and the studentised bootstrap, Student's t and the interval that measurements use
// (src/control/deployment/interval.ts), for several shapes of noise.
// Run: `sh bin/node bench/statistics/coverage.ts [RUNS] [SEED]`.

import { centreInterval } from "../../src/control/deployment/interval.ts";
import { type Random, seededRandom } from "../../src/control/deployment/random.ts";
import {
  mean,
  percentileOfSorted,
  standardDeviation,
} from "../../src/control/deployment/statistics.ts";

const runs = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? 20261122);
const resamples = 1000;
/** In standard deviations of the normal shape. */
const effect = 1.5;
/** 97.5 % quantiles of Student's t for size − 1 degrees of freedom. */
const sizes = { 6: 2.5706, 8: 2.3646, 12: 2.201 };

/** All but the last two symmetric around 0; those have mean 0. */
const shapes: Record<string, (random: Random) => number> = {
  normal: gaussian,
  "double exponential": (random) => Math.log(1 - random()) - Math.log(1 - random()),
  outliers: (random) => gaussian(random) * (random() < 0.1 ? 5 : 1),
  uniform: (random) => random() - 0.5,
  "outliers on one side": (random) => gaussian(random) + (random() < 0.1 ? 6 : 0) - 0.6,
  skewed: (random) => -Math.log(1 - random()) - 1,
};

type Interval = { low: number; high: number };

const methods: Record<string, (sample: number[], quantile: number, run: number) => Interval> = {
  percentile: (sample, _quantile, run) => percentileBootstrap(sample, seededRandom(run)),
  studentised: (sample, _quantile, run) => studentisedBootstrap(sample, seededRandom(run)),
  student: (sample, quantile) => around(mean(sample), quantile * standardError(sample)),
  ours: (sample) => centreInterval(sample),
};

console.log(`${runs} runs each, seed ${seed}: coverage; in brackets, how often an effect is found`);
for (const [shape, draw] of Object.entries(shapes)) {
  for (const [size, quantile] of Object.entries(sizes)) {
    const random = seededRandom(seed);
    const samples = Array.from({ length: runs }, () =>
      Array.from({ length: Number(size) }, () => draw(random)),
    );
    const columns = Object.entries(methods).map(([name, interval]) => {
      const found = samples.map((sample, run) => interval(sample, quantile, run));
      const covered = found.filter(({ low, high }) => low <= 0 && high >= 0).length / runs;
      const power = found.filter(({ low }) => low + effect > 0).length / runs;
      return `${name} ${(covered * 100).toFixed(1)} % (${(power * 100).toFixed(0)} %)`;
    });
    console.log(`${shape}, ${size} pairs: ${columns.join("   ")}`);
  }
}

function around(centre: number, half: number): Interval {
  return { low: centre - half, high: centre + half };
}

function standardError(sample: readonly number[]): number {
  return standardDeviation(sample) / Math.sqrt(sample.length);
}

function resample(sample: readonly number[], random: Random): number[] {
  return sample.map(() => sample[Math.floor(random() * sample.length)] ?? 0);
}

function percentileBootstrap(sample: readonly number[], random: Random): Interval {
  const means = Float64Array.from({ length: resamples }, () => mean(resample(sample, random)));
  means.sort();
  return { low: percentileOfSorted(means, 0.025), high: percentileOfSorted(means, 0.975) };
}

/** Hall, "On symmetric bootstrap confidence intervals", JRSS B 50 (1988). */
function studentisedBootstrap(sample: readonly number[], random: Random): Interval {
  const centre = mean(sample);
  const scores = Float64Array.from({ length: resamples }, () => {
    const drawn = resample(sample, random);
    const error = standardError(drawn);
    return error > 0 ? Math.abs(mean(drawn) - centre) / error : Number.POSITIVE_INFINITY;
  });
  return around(centre, percentileOfSorted(scores.sort(), 0.95) * standardError(sample));
}

/** Box and Muller. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
