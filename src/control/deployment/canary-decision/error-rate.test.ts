import { expect, test } from "vitest";
import { falsePromotionMax, falseRevertMax, promotionLevel, revertLevel } from "./error-rate.ts";

test("the levels of all candidates together stay within the whole, and nearly use it", () => {
  let spent = 0;
  for (let candidate = 1; candidate <= 10_000; candidate++) {
    expect(promotionLevel(candidate + 1)).toBeLessThan(promotionLevel(candidate));
    spent += promotionLevel(candidate);
  }
  expect(spent).toBeLessThanOrEqual(falsePromotionMax);
  expect(spent).toBeGreaterThan(0.999 * falsePromotionMax);
  expect(promotionLevel(1)).toBeCloseTo(0.0304, 4);
});

test("the metrics of one candidate share the error of a revert", () => {
  expect(4 * revertLevel(4)).toBeCloseTo(falseRevertMax);
});

test.each([0, -1, 1.5, Number.NaN])("there is no candidate number %d", (candidate) => {
  expect(() => promotionLevel(candidate)).toThrow(RangeError);
});
