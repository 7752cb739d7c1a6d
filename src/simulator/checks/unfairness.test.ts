import fc from "fast-check";
import { expect, test } from "vitest";
import { jainIndex, waterFill } from "./unfairness.ts";

test("water-filling gives all, nobody more than the most, and equal per weight below it", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(weights, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, part) => {
      const most = 1000;
      const total = part * list.length * most;
      const parts = waterFill(list, total, most);
      expect(parts.reduce((sum, each) => sum + each, 0)).toBeCloseTo(total, 5);
      expect(Math.max(...parts)).toBeLessThanOrEqual(most + 1e-6);
      const level = list.map((weight, at) => (parts[at] ?? 0) / weight);
      const below = level.filter((_, at) => (parts[at] ?? 0) < most - 1e-6);
      const highest = Math.max(...below, 0);
      for (const each of below) expect(each).toBeCloseTo(highest, 6);
    }),
  );
});

test("Jain's index is 1 for equals and 1/n where one has everything", () => {
  expect(jainIndex([2, 2, 2])).toBe(1);
  expect(jainIndex([5, 0, 0, 0])).toBe(0.25);
  expect(jainIndex([0, 0])).toBe(1);
});
