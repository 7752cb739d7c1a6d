import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { centreInterval, meanInterval } from "./interval.ts";
import { type Random, seededRandom } from "./random.ts";

const seed = 20261122;

describe("centreInterval", () => {
  test("moves and scales with the values", () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: 6,
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: -5, max: 5 }), (sample, shift) => {
        const interval = centreInterval(sample);
        const moved = centreInterval(sample.map((value) => value * 2 + shift));
        expect(interval.low).toBeLessThanOrEqual(interval.centre);
        expect(interval.high).toBeGreaterThanOrEqual(interval.centre);
        expect(moved.centre).toBeCloseTo(interval.centre * 2 + shift, 6);
        expect(moved.low).toBeCloseTo(interval.low * 2 + shift, 6);
        expect(moved.high).toBeCloseTo(interval.high * 2 + shift, 6);
      }),
      { numRuns: 200, seed },
    );
  });

  test("does not depend on which arm is the reference: the logs only change their sign", () => {
    const logs = [0.1, -0.2, 0.05, 0.3, 0.12, -0.04, 0.2];
    const turned = centreInterval(logs.map((log) => -log));
    const { low, high } = centreInterval(logs);
    expect(turned.low).toBeCloseTo(-high, 9);
    expect(turned.high).toBeCloseTo(-low, 9);
  });

  // Walsh averages left out at each end: tables of Wilcoxon's signed-rank statistic (two-sided 5 %:
  // critical values 0, 2, 3, 5, 8 for 6 to 10; 52 for 20) have the same numbers.
  test.each([
    [6, 0],
    [7, 2],
    [8, 3],
    [9, 5],
    [10, 8],
    [20, 52],
  ])("is exact: %d values leave out %d averages at each end", (size, beyond) => {
    const powers = Array.from({ length: size }, (_, index) => 2 ** index);
    const averages = powers.flatMap((a, i) => powers.slice(i).map((b) => (a + b) / 2));
    averages.sort((a, b) => a - b);
    const { low, high } = centreInterval(powers);
    expect(low).toBe(averages[beyond]);
    expect(high).toBe(averages[averages.length - 1 - beyond]);
  });

  test("few values: Student's t; one value: no bounds; equal values: no width", () => {
    const { low, high } = centreInterval([1, 2, 3]);
    // scipy.stats.t.interval(0.95, 2, loc=2, scale=1/sqrt(3)) → (−0.484, 4.484)
    expect(low).toBeCloseTo(-0.484, 3);
    expect(high).toBeCloseTo(4.484, 3);
    expect(centreInterval([5])).toEqual({ centre: 5, low: -Infinity, high: Infinity });
    expect(centreInterval([4, 4, 4, 4, 4, 4])).toEqual({ centre: 4, low: 4, high: 4 });
  });

  test("one wild pair widens the interval, and does not hide what all the others say", () => {
    const ratios = [0.768, 0.814, 0.796, 0.789, 0.79, 0.761, 0.854];
    const calm = centreInterval([...ratios, 0.785].map(Math.log));
    const wild = centreInterval([...ratios, 0.516].map(Math.log));
    expect(wild.high - wild.low).toBeGreaterThan(1.5 * (calm.high - calm.low));
    expect(wild.high).toBeLessThan(0);
  });

  // The promise of the method: 95 % intervals that cover the truth about 95 % of the time with as
  // few as 6 and 8 pairs, also where the noise has outliers.
  test.each([
    ["normal", 6, 0.95],
    ["normal", 8, 0.95],
    ["outliers", 8, 0.95],
    ["double exponential", 8, 0.95],
  ] as const)("covers the true centre: %s noise, %d values", (shape, size, coverageMin) => {
    const runs = 4000;
    const random = seededRandom(seed);
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const { low, high } = centreInterval(
        Array.from({ length: size }, () => noise[shape](random)),
      );
      if (low <= 0 && high >= 0) covered++;
    }
    console.log(`coverage of ${shape} noise, n=${size}, seed ${seed}: ${covered / runs}`);
    // The exact level less three standard errors of this simulation.
    expect(covered / runs).toBeGreaterThanOrEqual(coverageMin - 0.0103);
    expect(covered / runs).toBeLessThanOrEqual(0.985);
  });
});

describe("meanInterval", () => {
  // scipy.stats.t.interval(0.95, 7, loc=4.5, scale=sqrt(6)/sqrt(8)) → (2.452, 6.548)
  test("is Student's, with its quantiles beyond the table", () => {
    const { centre, low, high } = meanInterval([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(centre).toBe(4.5);
    expect(low).toBeCloseTo(2.452, 2);
    expect(high).toBeCloseTo(6.548, 2);
  });

  test("a fault that happened once in eight runs counts", () => {
    expect(meanInterval([0, 0, 0, 0, 0, 0, 0, 8]).centre).toBe(1);
  });
});

/** All of centre 0. */
const noise = {
  normal: (random: Random) => gaussian(random),
  outliers: (random: Random) => gaussian(random) * (random() < 0.1 ? 5 : 1),
  "double exponential": (random: Random) => Math.log(1 - random()) - Math.log(1 - random()),
};

/** Box and Muller. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
