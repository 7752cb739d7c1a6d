import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { Blocks } from "./blocks.ts";
import { logAdvantage, type WindowPair, type WindowValues, windowOrder } from "./window-pair.ts";

function pairOf(before: WindowValues, after: WindowValues, block = 0): WindowPair {
  return { block, first: "default", default: before, candidate: after };
}

describe("windowOrder", () => {
  test.each([1, 2] as const)("%d pairs a block, led by either arm as often", (pairsPerBlock) => {
    const order = windowOrder(seededRandom(5), pairsPerBlock);
    const taken = Array.from({ length: 2000 * pairsPerBlock }, () => order.next().value);
    const blocks = Map.groupBy(taken, ({ block }) => block);
    expect(blocks.size).toBe(2000);
    for (const pairs of blocks.values()) {
      expect(new Set(pairs.map(({ first }) => first)).size).toBe(pairsPerBlock);
    }
    const led = [...blocks.values()].filter(([leader]) => leader?.first === "default").length;
    // Three standard deviations of 2,000 fair coins.
    expect(Math.abs(led - 1000)).toBeLessThan(67);
  });
});

describe("logAdvantage", () => {
  const latency = { metric: "latency", direction: "minimise" } as const;
  const value = fc.double({ min: 0, max: 1e9, noNaN: true });

  test("is above 0 where the candidate is better, in either direction", () => {
    const pair = pairOf({ latency: 10 }, { latency: 8 });
    expect(logAdvantage(latency, pair)).toBeCloseTo(Math.log(10 / 8));
    expect(logAdvantage({ ...latency, direction: "maximise" }, pair)).toBeCloseTo(Math.log(8 / 10));
  });

  test("changes its sign with the arms, with 0 and with a floor, too", () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom(0, 0.5), (a, b, floor) => {
        const there = logAdvantage({ ...latency, floor }, pairOf({ latency: a }, { latency: b }));
        const back = logAdvantage({ ...latency, floor }, pairOf({ latency: b }, { latency: a }));
        expect((there ?? Number.NaN) + 0).toBe(-(back ?? Number.NaN) + 0);
      }),
    );
  });

  test("a floor makes small things small", () => {
    const pair = pairOf({ latency: 0 }, { latency: 0.1 });
    expect(logAdvantage(latency, pair)).toBe(Number.NEGATIVE_INFINITY);
    expect(logAdvantage({ ...latency, floor: 10 }, pair)).toBeCloseTo(-0.00995, 5);
  });

  test("what one arm alone lacks speaks against it; what both lack says nothing", () => {
    expect(logAdvantage(latency, pairOf({ latency: 1 }, {}))).toBe(Number.NEGATIVE_INFINITY);
    expect(logAdvantage(latency, pairOf({}, { latency: 1 }))).toBe(Number.POSITIVE_INFINITY);
    expect(logAdvantage(latency, pairOf({}, {}))).toBeNull();
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a value of %d", (bad) => {
    expect(() => logAdvantage(latency, pairOf({ latency: 1 }, { latency: bad }))).toThrow(
      /a window's latency cannot be/,
    );
  });
});

describe("Blocks", () => {
  const pair = (block: number, first: WindowPair["first"]): WindowPair => ({
    block,
    first,
    default: {},
    candidate: {},
  });

  test("two pairs of opposite order make a block; half a block is left out", () => {
    const blocks = new Blocks(2);
    expect(blocks.add(pair(0, "default"))).toBeNull();
    expect(blocks.add(pair(0, "candidate"))?.map(({ first }) => first)).toEqual([
      "default",
      "candidate",
    ]);
    expect(blocks.add(pair(1, "default"))).toBeNull();
    expect(blocks.add(pair(2, "candidate"))).toBeNull();
    expect(blocks.add(pair(2, "default"))).toHaveLength(2);
  });

  test("refuses a pair out of order, one too many, and an order that no coin gave", () => {
    const blocks = new Blocks(2);
    blocks.add(pair(3, "default"));
    expect(() => blocks.add(pair(3, "default"))).toThrow(/both pairs of block 3/);
    expect(() => blocks.add(pair(2, "candidate"))).toThrow(/block 2 after one of block 3/);
    blocks.add(pair(3, "candidate"));
    expect(() => blocks.add(pair(3, "candidate"))).toThrow(RangeError);
    const single = new Blocks(1);
    expect(single.add(pair(0, "default"))).toHaveLength(1);
    expect(() => single.add(pair(0, "candidate"))).toThrow(RangeError);
  });
});
