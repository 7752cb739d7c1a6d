// The translator against the reference interpreter: random programs × random inputs, any difference is a
// failure. Usage: translator-fuzz.ts [programs] [seed]. Prints the seed; the same seed, the same run.

import { Comparison } from "../../test/simulator/compare-machines.ts";
import { Random } from "../../test/simulator/random-program.ts";

const programs = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const inputs = 3;

console.log(`seed ${seed}, ${programs} programs × ${inputs} inputs`);
let comparison = new Comparison();
let faults = 0;
const startMs = performance.now();
for (let program = 0; program < programs; program++) {
  // Every machine keeps its stack; a fresh memory now and then bounds them.
  if (program % 4000 === 3999) comparison = new Comparison();
  const found = comparison.check(new Random((seed + program) >>> 0), inputs);
  faults += found.faults;
  if (found.difference === null) continue;
  console.error(`difference at program ${program} (seed ${seed + program}):\n${found.difference}`);
  process.exit(1);
}
const seconds = (performance.now() - startMs) / 1000;
const share = ((faults / (programs * inputs)) * 100).toFixed(1);
console.log(`no difference; ${share} % of the runs ended in a fault; ${seconds.toFixed(1)} s`);
