import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extent, linearScale, share, tickDecimals, ticksWithin } from "./scale.ts";

const bounds = fc
  .tuple(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  )
  .filter(([low, span]) => span > Math.abs(low) * 1e-9);

describe("scale", () => {
  test("ticks are round", () => {
    expect(ticksWithin(2.43, 3.52, 5)).toEqual([2.6, 2.8, 3, 3.2, 3.4]);
    expect(ticksWithin(-11, 23, 6)).toEqual([-10, -5, 0, 5, 10, 15, 20]);
    expect(tickDecimals([2.6, 2.8])).toBe(1);
    expect(tickDecimals([0, 5])).toBe(0);
  });

  test("a nice domain holds what it was given, and every tick lies on it", () => {
    fc.assert(
      fc.property(bounds, fc.integer({ min: 2, max: 10 }), ([low, span], ticks) => {
        const scale = linearScale([low, low + span], { ticks, nice: true });
        expect(scale.at(low)).toBeGreaterThanOrEqual(-1e-3);
        expect(scale.at(low + span)).toBeLessThanOrEqual(100.001);
        expect(scale.ticks.length).toBeLessThanOrEqual(2 * ticks + 2);
        for (const tick of scale.ticks) {
          expect(scale.at(tick)).toBeGreaterThan(-0.1);
          expect(scale.at(tick)).toBeLessThan(100.1);
        }
      }),
    );
  });

  test("an extent can always be drawn", () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (values) => {
        const [low, high] = extent(values);
        expect(high).toBeGreaterThan(low);
        const { ticks } = linearScale([low, high], { ticks: 5, nice: true });
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThan(13);
      }),
    );
    expect(extent([])).toEqual([0, 1]);
    expect(extent([0, 0])).toEqual([-1, 1]);
  });

  test("a position is a percentage, whatever the number", () => {
    expect(share(12.3456)).toBe("12.35%");
    expect(share(Number.NaN)).toBe("0%");
  });
});
