import fc from "fast-check";
import { expect, test } from "vitest";
import { SymmetricBets } from "./symmetric-bets.ts";

const logRatio = fc.double({ min: -2, max: 2, noNaN: true });
const anyRatio = fc.oneof(logRatio, fc.constantFrom(Number.POSITIVE_INFINITY, -Infinity));

function betsOf(values: readonly number[], bound = 0): SymmetricBets {
  const bets = new SymmetricBets(bound);
  for (const value of values) bets.add(value);
  return bets;
}

/** The values with the signs that the bits of `coins` give. */
function signed(values: readonly number[], coins: number): number[] {
  return values.map((value, index) => ((coins >> index) & 1 ? value : -value));
}

test("says nothing before anything was observed", () => {
  expect(betsOf([]).logAbove).toBe(0);
  expect(betsOf([]).logBelow).toBe(0);
});

test("over all sides of the coins, E is 1 on average: exactly, whatever the noise", () => {
  const magnitudes = fc.array(anyRatio, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(magnitudes, logRatio, (values, bound) => {
      let above = 0;
      let below = 0;
      for (let coins = 0; coins < 2 ** values.length; coins++) {
        const shifted = signed(values, coins).map((value) => value + bound);
        const bets = betsOf(shifted, bound);
        above += Math.exp(bets.logAbove);
        below += Math.exp(bets.logBelow);
      }
      expect(above / 2 ** values.length).toBeCloseTo(1, 6);
      expect(below / 2 ** values.length).toBeCloseTo(1, 6);
    }),
  );
});

test("and at most 1 where the effect of every window, each its own, is below the bound", () => {
  const windows = fc.array(fc.tuple(logRatio, fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(windows, (values) => {
      let above = 0;
      for (let coins = 0; coins < 2 ** values.length; coins++) {
        const noise = signed(
          values.map(([value]) => value),
          coins,
        );
        const worse = noise.map((value, index) => value - (values[index]?.[1] ?? 0));
        above += Math.exp(betsOf(worse).logAbove);
      }
      expect(above / 2 ** values.length).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});

test.each([
  [0.05, [0.3, 0.02, 0.1, 0.7, 0.05, 0.2, 0.01, 0.4, 0.15, 0.08, 2, 0.03, 0.5, 0.06]],
  [0.03, Array<number>(14).fill(0.2)],
])(
  "looking after each block, at most %d of all 2^14 sides of the coins ever reach it",
  (alpha, values) => {
    let reached = 0;
    for (let coins = 0; coins < 2 ** values.length; coins++) {
      const bets = new SymmetricBets(0);
      const ever = signed(values, coins).some((value) => {
        bets.add(value);
        return Math.exp(bets.logAbove) >= 1 / alpha;
      });
      if (ever) reached++;
    }
    expect(reached).toBeGreaterThan(0);
    expect(reached / 2 ** values.length).toBeLessThanOrEqual(alpha);
  },
);

test("the order of blocks does not matter; the other arm's view is the mirror image", () => {
  fc.assert(
    fc.property(fc.array(anyRatio, { maxLength: 30 }), logRatio, (values, bound) => {
      const bets = betsOf(values, bound);
      expect(betsOf([...values].reverse(), bound).logAbove).toBeCloseTo(bets.logAbove, 6);
      const mirrored = betsOf(
        values.map((value) => -value),
        -bound,
      );
      expect(mirrored.logBelow).toBeCloseTo(bets.logAbove, 6);
    }),
  );
});

test("evidence for above falls with the bound, and that for below rises", () => {
  fc.assert(
    fc.property(fc.array(anyRatio, { maxLength: 20 }), logRatio, logRatio, (values, a, b) => {
      const lower = betsOf(values, Math.min(a, b));
      const higher = betsOf(values, Math.max(a, b));
      expect(higher.logAbove).toBeLessThanOrEqual(lower.logAbove + 1e-9);
      expect(higher.logBelow).toBeGreaterThanOrEqual(lower.logBelow - 1e-9);
    }),
  );
});

test("no future exceeds what is said to be within reach, and the best one reaches it", () => {
  fc.assert(
    fc.property(
      fc.array(anyRatio, { maxLength: 10 }),
      fc.array(anyRatio, { maxLength: 10 }),
      (past, future) => {
        const reach = betsOf(past).logAboveMax(future.length);
        const best = future.map(() => Number.POSITIVE_INFINITY);
        expect(betsOf([...past, ...future]).logAbove).toBeLessThanOrEqual(reach + 1e-9);
        expect(betsOf([...past, ...best]).logAbove).toBeCloseTo(reach, 6);
      },
    ),
  );
});

test("an outlier costs what one block costs, and no more", () => {
  const good = Array<number>(30).fill(0.1);
  const calm = betsOf(good).logAbove;
  const wild = betsOf([...good, Number.NEGATIVE_INFINITY]).logAbove;
  expect(wild).toBeGreaterThan(Math.log(1e4));
  expect(calm - wild).toBeLessThan(Math.log(20) + 1e-9);
});
