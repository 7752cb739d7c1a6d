import fc from "fast-check";
import { expect, test } from "vitest";
import { effectInterval } from "./confidence-sequence.ts";
import { SymmetricBets } from "./symmetric-bets.ts";

const levels = { alphaLow: 0.03, alphaHigh: 0.01 };
const logRatio = fc.double({ min: -1, max: 1, noNaN: true });
const values = fc.array(logRatio, { minLength: 1, maxLength: 30 });

test("says the same as the tests: a bound is below it just where 'above' is established", () => {
  fc.assert(
    fc.property(values, logRatio, (sample, bound) => {
      const { low, high } = effectInterval(sample, levels);
      const bets = new SymmetricBets(bound);
      for (const value of sample) bets.add(value);
      // Within the search's tolerance of an end, either answer is right.
      if (Math.abs(bound - low) > 2e-5) {
        expect(bets.logAbove >= -Math.log(levels.alphaLow)).toBe(bound < low);
      }
      if (Math.abs(bound - high) > 2e-5) {
        expect(bets.logBelow >= -Math.log(levels.alphaHigh)).toBe(bound > high);
      }
    }),
    { numRuns: 60 },
  );
});

test("holds its estimate, and moves with the values", () => {
  fc.assert(
    fc.property(values, logRatio, (sample, shift) => {
      const interval = effectInterval(sample, levels);
      expect(interval.centre).toBeGreaterThanOrEqual(interval.low);
      expect(interval.centre).toBeLessThanOrEqual(interval.high);
      expect(interval.centre).toBeGreaterThanOrEqual(Math.min(...sample) - 1e-4);
      expect(interval.centre).toBeLessThanOrEqual(Math.max(...sample) + 1e-4);
      const moved = effectInterval(
        sample.map((value) => value + shift),
        levels,
      );
      for (const end of ["low", "centre", "high"] as const) {
        if (Number.isFinite(moved[end]) && Number.isFinite(interval[end])) {
          expect(moved[end]).toBeCloseTo(interval[end] + shift, 3);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("few values bound nothing, many bound it well, a wild one hardly moves it", () => {
  expect(effectInterval([0.1, 0.1], levels)).toEqual({
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    centre: expect.closeTo(0.1, 3),
  });
  const many = Array.from({ length: 40 }, (_, index) => 0.1 + 0.02 * Math.sin(index));
  const calm = effectInterval(many, levels);
  expect(calm.low).toBeGreaterThan(0.08);
  expect(calm.high).toBeLessThan(0.12);
  const wild = effectInterval([...many, -5], levels);
  expect(wild.centre).toBeCloseTo(0.1, 1);
  expect(wild.low).toBeGreaterThan(0.06);
});
