import { expect, test } from "vitest";
import { duration, safeText } from "./words.ts";

test("names can neither move a cursor nor grow", () => {
  expect(safeText("a\u001b[2Jb\nc")).toBe("a?[2Jb?c");
  expect(safeText("x".repeat(100))).toHaveLength(32);
  expect(safeText("grün")).toBe("gr?n");
});

test("times have three digits and a unit", () => {
  expect([duration(1500), duration(2.5e6), duration(12_345_678_901)]).toEqual([
    "1.5 us",
    "2.5 ms",
    "12.3 s",
  ]);
});
