import fc from "fast-check";
import { expect, test } from "vitest";
import { waitQuantileUs } from "./wait-quantile.ts";

test("no waits, no quantile", () => {
  expect(waitQuantileUs([], 0.5)).toBeNull();
  expect(waitQuantileUs([0, 0], 0.5)).toBeNull();
});

test("lies in the bucket that holds the rank, and grows with it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { minLength: 1, maxLength: 24 }).filter((all) => all.some((n) => n > 0)),
      (buckets) => {
        const waits = buckets.flatMap((n, bucket) => new Array<number>(n).fill(bucket));
        let before = 0;
        for (const q of [0.1, 0.5, 0.95, 0.99]) {
          const bucket = waits[Math.ceil(q * waits.length - 1e-9) - 1] ?? Number.NaN;
          const us = waitQuantileUs(buckets, q) ?? Number.NaN;
          expect(us).toBeGreaterThanOrEqual(2 ** bucket * 0.999);
          expect(us).toBeLessThanOrEqual(2 ** (bucket + 1) * 1.001);
          expect(us).toBeGreaterThanOrEqual(before);
          before = us;
        }
      },
    ),
  );
});
