import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivedSeed, seededRandom, shuffled } from "./random.ts";
import {
  improvementInterval,
  improvementPercent,
  jainIndex,
  percentile,
  spread,
} from "./statistics.ts";

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

describe("random", () => {
  test("the same seed gives the same numbers, another seed others", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(() => seededRandom(0.5)).toThrow(RangeError);
  });

  test("numbers are spread evenly over [0, 1)", () => {
    const random = seededRandom(20261122);
    const buckets = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const bucket = Math.floor(random() * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // Chi-squared with 9 degrees of freedom: 27.9 is its 99.9 % quantile.
    const chi = buckets.reduce((sum, seen) => sum + (seen - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(27.9);
  });

  test("a shuffle keeps the items and reaches every order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        expect(shuffled(items, seededRandom(seed)).sort()).toEqual([...items].sort());
      }),
    );
    const random = seededRandom(1);
    const orders = new Set(Array.from({ length: 200 }, () => shuffled([1, 2, 3], random).join()));
    expect(orders.size).toBe(6);
  });

  test("phases of one operation get seeds of their own", () => {
    const seeds = Array.from({ length: 10 }, (_, phase) => derivedSeed(5, phase));
    expect(new Set(seeds).size).toBe(10);
  });
});

describe("percentile", () => {
  test("interpolates as numpy does", () => {
    // numpy.percentile([15, 20, 35, 40, 50], [5, 40, 95]) → 16, 29, 48
    const values = [50, 15, 40, 20, 35];
    expect(percentile(values, 0.05)).toBeCloseTo(16);
    expect(percentile(values, 0.4)).toBeCloseTo(29);
    expect(percentile(values, 0.95)).toBeCloseTo(48);
  });

  test("lies within the values and rises with the fraction", () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1 }), fraction, fraction, (values, a, b) => {
        const [low, high] = [
          percentile(values, Math.min(a, b)),
          percentile(values, Math.max(a, b)),
        ];
        const slack = 1e-9 * Math.max(...values);
        expect(low).toBeLessThanOrEqual(high + slack);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - slack);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + slack);
      }),
    );
  });
});

describe("jainIndex", () => {
  test("is 1 for equal shares and 1/n where one has all", () => {
    expect(jainIndex([3, 3, 3])).toBeCloseTo(1);
    expect(jainIndex([1, 0, 0, 0])).toBeCloseTo(0.25);
    expect(jainIndex([0, 0])).toBe(1);
  });

  test("is within [1/n, 1], whatever the scale and the order", () => {
    fc.assert(
      fc.property(
        fc.array(positive, { minLength: 1, maxLength: 50 }),
        positive,
        (shares, scale) => {
          const index = jainIndex(shares);
          expect(index).toBeGreaterThanOrEqual(1 / shares.length - 1e-9);
          expect(index).toBeLessThanOrEqual(1 + 1e-9);
          expect(jainIndex(shares.map((share) => share * scale).reverse())).toBeCloseTo(index, 6);
        },
      ),
    );
  });
});

describe("improvement", () => {
  test("is positive where better, in both directions", () => {
    expect(improvementPercent(0.8, "minimise")).toBeCloseTo(20);
    expect(improvementPercent(0.8, "maximise")).toBeCloseTo(-20);
    expect(improvementPercent(1.6, "maximise")).toBeCloseTo(60);
    expect(Object.is(improvementPercent(1, "minimise"), 0)).toBe(true);
    expect(improvementPercent(Number.POSITIVE_INFINITY, "minimise")).toBe(-1000);
  });

  test("an interval keeps its order", () => {
    expect(improvementInterval([0.7, 0.9], "minimise").map(Math.round)).toEqual([10, 30]);
    expect(improvementInterval([0.7, 0.9], "maximise").map(Math.round)).toEqual([-30, -10]);
  });

  test("spread says what the values are", () => {
    expect(spread([2, 4, 6])).toEqual({ median: 4, mean: 4, min: 2, max: 6, cvPercent: 50 });
  });
});
