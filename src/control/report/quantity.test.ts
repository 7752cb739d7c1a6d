import { expect, test } from "vitest";
import {
  bucketLabel,
  count,
  duration,
  median,
  moment,
  number,
  percent,
  percentRange,
  signedPercent,
  whole,
  withUnit,
} from "./quantity.ts";

/** With ordinary spaces, for reading. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

test("numbers have about three digits and true minus signs", () => {
  expect([0, 3.144, 27.55, 688.4, 0.0421, 0.00004, -2.5].map(number).map(plain)).toEqual([
    "0",
    "3.14",
    "27.6",
    "688",
    "0.042",
    "0.000040",
    "−2.50",
  ]);
  expect(plain(number(1234567))).toBe("1 234 567");
  expect(number(Number.NaN)).toBe("–");
  expect(plain(whole(20))).toBe("20");
});

test("times choose their unit", () => {
  const times = [0.02, 33.6, 3120, 218_000].map(duration).map(plain);
  expect(times).toEqual(["20.0 µs", "33.6 ms", "3.12 s", "3 min 38 s"]);
  expect(plain(withUnit(0.025, "s"))).toBe("25.0 ms");
  expect(plain(withUnit(6.73, "1/s"))).toBe("6.73 1/s");
  expect(withUnit(0.9, "")).toBe("0.900");
});

test("percentages", () => {
  expect(plain(percent(18.24))).toBe("18 %");
  expect(plain(percent(4.02))).toBe("4.0 %");
  expect(plain(signedPercent(18.24))).toBe("+18.2 %");
  expect(plain(signedPercent(-0.04))).toBe("0.0 %");
  expect(plain(percentRange([-2.49, 0.74]))).toBe("−2.5 to 0.7 %");
  expect(percentRange([-1000, 1000])).toBe("without bounds");
});

test("buckets, counts, medians, moments", () => {
  expect([0, 6, 10, 19, 20].map(bucketLabel).map(plain)).toEqual([
    "1 µs",
    "64 µs",
    "1 ms",
    "512 ms",
    "1 s",
  ]);
  expect(plain(`${count(1, "pair")}, ${count(9, "pair")}`)).toBe("1 pair, 9 pairs");
  expect(median([3, 1, 2, 10])).toBe(2.5);
  expect(moment("2026-11-22T22:08:31.120Z")).toBe("2026-11-22 22:08 UTC");
  expect(moment("yesterday")).toBe("yesterday");
});
