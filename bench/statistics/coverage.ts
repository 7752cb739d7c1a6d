// How often 95 % intervals of a mean over a few pairs hold the true one: the percentile bootstrap,
// Student's t and the interval that measurements use (src/control/deployment/interval.ts), for
// several shapes of noise. Run: `sh bin/node bench/statistics/coverage.ts [RUNS] [SEED]`.

import { meanInterval } from "../../src/control/deployment/interval.ts";
import { type Random, seededRandom } from "../../src/control/deployment/random.ts";
import {
  mean,
  percentileOfSorted,
  standardDeviation,
} from "../../src/control/deployment/statistics.ts";

const runs = Number(process.argv[2] ?? 2000);
const seed = Number(process.argv[3] ?? 20261122);
const resamples = 2000;
/** 97.5 % quantiles of Student's t for size − 1 degrees of freedom. */
const sizes = { 6: 2.5706, 8: 2.3646, 12: 2.201 };

/** All of mean 0. */
const shapes: Record<string, (random: Random) => number> = {
  normal: gaussian,
  "double exponential": (random) => Math.log(1 - random()) - Math.log(1 - random()),
  outliers: (random) => gaussian(random) * (random() < 0.1 ? 5 : 1),
  skewed: (random) => -Math.log(1 - random()) - 1,
  uniform: (random) => random() - 0.5,
};

type Interval = { low: number; high: number };

const methods: Record<string, (sample: number[], quantile: number, run: number) => Interval> = {
  percentile: (sample, _quantile, run) => percentileBootstrap(sample, seededRandom(run)),
  student: (sample, quantile) => {
    const half = (quantile * standardDeviation(sample)) / Math.sqrt(sample.length);
    return { low: mean(sample) - half, high: mean(sample) + half };
  },
  ours: (sample, _quantile, run) => meanInterval(sample, run, resamples),
};

console.log(`${runs} runs each, seed ${seed}; coverage, and how often 0 lies below the interval`);
for (const [shape, draw] of Object.entries(shapes)) {
  for (const [size, quantile] of Object.entries(sizes)) {
    const random = seededRandom(seed);
    const samples = Array.from({ length: runs }, () =>
      Array.from({ length: Number(size) }, () => draw(random)),
    );
    const columns = Object.entries(methods).map(([name, interval]) => {
      const found = samples.map((sample, run) => interval(sample, quantile, run));
      const covered = found.filter(({ low, high }) => low <= 0 && high >= 0).length / runs;
      const falseGain = found.filter(({ low }) => low > 0).length / runs;
      return `${name} ${(covered * 100).toFixed(1)} % (${(falseGain * 100).toFixed(1)} %)`;
    });
    console.log(`${shape}, ${size} pairs: ${columns.join("   ")}`);
  }
}

function percentileBootstrap(sample: readonly number[], random: Random): Interval {
  const means = new Float64Array(resamples).map(() => {
    let sum = 0;
    for (let place = 0; place < sample.length; place++) {
      sum += sample[Math.floor(random() * sample.length)] ?? 0;
    }
    return sum / sample.length;
  });
  means.sort();
  return { low: percentileOfSorted(means, 0.025), high: percentileOfSorted(means, 0.975) };
}

/** Box and Muller. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
