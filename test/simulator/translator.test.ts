// The translator against the reference interpreter on some hundred random programs, another set each
// run; ten thousand in bench/simulator/translator-fuzz.ts.

import { expect, test } from "vitest";
import { Comparison } from "./compare-machines.ts";
import { Random } from "./random-program.ts";

test("random programs do the same translated and interpreted", () => {
  const comparison = new Comparison();
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`translator against interpreter: seed ${seed}`);
  let faults = 0;
  for (let at = 0; at < 150; at++) {
    const found = comparison.check(new Random((seed + at) >>> 0), 2);
    faults += found.faults;
    expect(found.difference, `seed ${seed + at}`).toBeNull();
  }
  // Both ends are seen: programs that finish and programs that fault.
  expect(faults).toBeGreaterThan(20);
  expect(faults).toBeLessThan(200);
});
