import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meanInterval } from "./interval.ts";
import { type Random, seededRandom } from "./random.ts";

const seed = 20261122;

describe("meanInterval", () => {
  test("moves and scales with the values", () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: 6,
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: -5, max: 5 }), (sample, shift) => {
        const interval = meanInterval(sample, seed, 200);
        const moved = meanInterval(
          sample.map((value) => value * 2 + shift),
          seed,
          200,
        );
        expect(interval.low).toBeLessThanOrEqual(interval.mean);
        expect(interval.high).toBeGreaterThanOrEqual(interval.mean);
        expect(moved.mean).toBeCloseTo(interval.mean * 2 + shift, 6);
      }),
      { numRuns: 50 },
    );
  });

  test("does not depend on which arm is the reference: the logs only change their sign", () => {
    const logs = [0.1, -0.2, 0.05, 0.3, 0.12, -0.04, 0.2];
    const turned = meanInterval(
      logs.map((log) => -log),
      seed,
    );
    const { low, high } = meanInterval(logs, seed);
    expect(turned.low).toBeCloseTo(-high, 9);
    expect(turned.high).toBeCloseTo(-low, 9);
  });

  test("the same seed gives the same interval", () => {
    const sample = [0.1, 0.3, 0.2, 0.5, 0.4, 0.25, 0.33];
    expect(meanInterval(sample, 1)).toEqual(meanInterval(sample, 1));
    expect(meanInterval(sample, 1)).not.toEqual(meanInterval(sample, 2));
  });

  test("few values: Student's t; one value: no bounds; equal values: no width", () => {
    const { low, high } = meanInterval([1, 2, 3], seed);
    // scipy.stats.t.interval(0.95, 2, loc=2, scale=1/sqrt(3)) → (−0.484, 4.484)
    expect(low).toBeCloseTo(-0.484, 3);
    expect(high).toBeCloseTo(4.484, 3);
    expect(meanInterval([5], seed)).toEqual({ mean: 5, low: -Infinity, high: Infinity });
    expect(meanInterval([4, 4, 4, 4, 4, 4], seed)).toEqual({ mean: 4, low: 4, high: 4 });
  });

  test("an outlier widens the interval, it is not dropped", () => {
    const calm = [0.1, 0.11, 0.09, 0.1, 0.12, 0.08, 0.1, 0.1];
    const narrow = meanInterval(calm, seed);
    const wide = meanInterval([...calm.slice(0, 7), 0.6], seed);
    expect(wide.high - wide.low).toBeGreaterThan(3 * (narrow.high - narrow.low));
  });

  // The promise of the method: 95 % intervals that cover the truth about 95 % of the time with as
  // few as 6 and 8 pairs, also where the noise is skewed or has outliers.
  test.each([
    ["normal", 6, 0.93],
    ["normal", 8, 0.93],
    ["outliers", 8, 0.93],
    ["skewed", 8, 0.9],
  ] as const)("covers the true mean: %s noise, %d values", (shape, size, coverageMin) => {
    const runs = 2000;
    const random = seededRandom(seed);
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const sample = Array.from({ length: size }, () => noise[shape](random));
      const { low, high } = meanInterval(sample, run, 1000);
      if (low <= 0 && high >= 0) covered++;
    }
    console.log(`coverage of ${shape} noise, n=${size}, seed ${seed}: ${covered / runs}`);
    expect(covered / runs).toBeGreaterThanOrEqual(coverageMin);
    expect(covered / runs).toBeLessThanOrEqual(0.99);
  });
});

/** All of mean 0. */
const noise = {
  normal: (random: Random) => gaussian(random),
  outliers: (random: Random) => gaussian(random) * (random() < 0.1 ? 5 : 1),
  skewed: (random: Random) => -Math.log(1 - random()) - 1,
};

/** Box and Muller. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
