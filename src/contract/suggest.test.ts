import fc from "fast-check";
import { expect, test } from "vitest";
import { didYouMean, editDistance, suggest } from "./suggest.ts";

test.each([
  ["objectiv", "objective"],
  ["Objective", "objective"],
  ["guard_rails", "guardrails"],
  ["gaurdrails", "guardrails"],
  ["mesure", "measure"],
  ["minimize", "minimise"],
  ["runs", "run"],
  ["nmae", "name"],
])("%s is taken for %s", (word, meant) => {
  const known = ["name", "run", "objective", "guardrails", "measure", "minimise", "maximise"];
  expect(suggest(word, known)).toBe(meant);
  expect(didYouMean(word, known)).toBe(`: did you mean \`${meant}\`?`);
});

test("a word far from all gets no suggestion", () => {
  expect(suggest("timeout", ["name", "run", "objective"])).toBeNull();
  expect(suggest("x", ["y"])).toBeNull();
  expect(suggest("x".repeat(1000), ["x".repeat(1000)])).toBeNull();
  expect(didYouMean("timeout", ["name"])).toBe("");
});

test("swapped neighbours are one edit", () => {
  expect(editDistance("nmae", "name")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
});

test("the distance is symmetric, zero for equals only, and at most the longer length", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (left, right) => {
      const distance = editDistance(left, right);
      expect(distance).toBe(editDistance(right, left));
      expect(distance === 0).toBe(left === right);
      expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
    }),
  );
});
