// What arithmetic and branches say of ranges holds for every number in them.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { AluOperation, Condition } from "../../../simulator/machine/instruction.ts";
import { arithmetic, holds } from "../../../simulator/machine/interpreted-arithmetic.ts";
import { compute } from "./arithmetic.ts";
import { assume, outcomes } from "./branch.ts";
import { noOrigins, origin } from "./origins.ts";
import { State, startOfPath } from "./state.ts";
import {
  anything,
  constant,
  joinValues,
  number,
  numbers,
  type Value,
  widenValue,
} from "./value.ts";

const operations: AluOperation[] = [
  ...(["add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "mod", "xor", "mov"] as const),
  ...(["arsh", "sdiv", "smod"] as const),
];
const conditions: Condition[] = [
  ...(["eq", "ne", "gt", "ge", "lt", "le", "set", "sgt", "sge", "slt", "sle"] as const),
];
const edges = [0n, 1n, 2n, 31n, 63n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n];
const large = [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 2n, 2n ** 64n - 1n];
const word = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 100n }),
  fc.constantFrom(...edges, ...large),
);

interface Known {
  value: Value;
  /** One of what it can be. */
  actual: bigint;
}

/** A range or a set, and a number in it. */
const known: fc.Arbitrary<Known> = fc.oneof(
  fc.tuple(word, word, word).map(([a, b, c]) => {
    const [lo = 0n, actual = 0n, hi = 0n] = [a, b, c].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
    return { value: { ...number({ lo, hi }), id: 7 }, actual };
  }),
  fc.array(word, { minLength: 1, maxLength: 4 }).map((all) => ({
    value: { ...numbers(all, noOrigins), id: 7 },
    actual: all[0] ?? 0n,
  })),
);

function has(value: Value, actual: bigint): boolean {
  if (value.region !== null || actual < value.lo || actual > value.hi) return false;
  return value.set === null || value.set.includes(actual);
}

test("arithmetic on ranges holds every result", () => {
  fc.assert(
    fc.property(fc.constantFrom(...operations), fc.boolean(), known, known, (op, wide, a, b) => {
      const right = { ...b.value, id: 8 };
      const result = compute(op, wide, a.value, right, 9);
      expect(has(result, arithmetic(op, wide, a.actual, b.actual))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("a branch that goes one way only goes that way, and what it narrows still holds", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...conditions),
      fc.boolean(),
      known,
      known,
      (condition, wide, a, b) => {
        const [left, right] = [a.value, { ...b.value, id: 8 }];
        const outcome = holds(condition, wide, a.actual, b.actual);
        const [yes, no] = outcomes(condition, wide, left, right);
        expect(outcome ? yes : no).toBe(true);
        const state = new State([left, right], [], startOfPath);
        assume(state, { condition, wide, left, right }, outcome);
        expect(has(state.register(0), a.actual)).toBe(true);
        expect(has(state.register(1), b.actual)).toBe(true);
      },
    ),
    { numRuns: 5000 },
  );
});

test("joined and widened values hold both", () => {
  fc.assert(
    fc.property(known, known, (a, b) => {
      const joined = joinValues(a.value, { ...b.value, id: 8 });
      expect(has(joined, a.actual) && has(joined, b.actual)).toBe(true);
      const widened = widenValue(a.value, joined);
      expect(has(widened, a.actual) && has(widened, b.actual)).toBe(true);
    }),
  );
});

test("origins tell which way a value moves", () => {
  const weight = { ...number({ lo: 1n, hi: 10_000n }, origin("weight")), id: 1 };
  const time = { ...anything, origins: origin("time"), id: 2 };
  const way = (value: Value, source: string) => value.origins.get(source);
  const scaled = compute("div", true, constant(100n), weight, 3);
  expect(way(scaled, "weight")).toBe(-1);
  expect(way(compute("sub", true, constant(0n), time, 3), "time")).toBe(-1);
  expect(way(compute("xor", true, time, constant(2n ** 64n - 1n), 3), "time")).toBe(-1);
  expect(way(compute("mul", true, weight, constant(2n ** 64n - 1000n), 3), "weight")).toBe(-1);
  expect(way(compute("add", true, time, scaled, 3), "time")).toBe(1);
  expect(way(compute("mod", true, time, constant(7n), 3), "time")).toBe(0);
});
