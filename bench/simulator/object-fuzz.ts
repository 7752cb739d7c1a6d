// Damaged objects of the seed policies through the reader and the translator: each must end as an
// ObjectError or a valid object, in bounded time. `object-fuzz.ts [OBJECTS] [SEED]`; prints the seed.

import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { tryObject } from "../../test/simulator/hostile-object.ts";
import { mutate } from "../../test/simulator/mutate.ts";
import { noCalls } from "../../test/simulator/object-machine.ts";
import { Random } from "../../test/simulator/random-program.ts";
import { seedObjects } from "./seed-objects.ts";

const count = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
/** Far above what a shared machine's pauses explain. */
const millisecondsMax = 5000;

console.log(`seed ${seed}, ${count} objects`);
const { objects, kernelTypes } = await seedObjects();
const kernel = kernelBtf(kernelTypes);
const all = [...objects.values()];
const reasons = new Set<string>();
let valid = 0;
let slowest = { milliseconds: 0, seed: 0 };
for (let at = 0; at < count; at++) {
  const own = (seed + at) >>> 0;
  const bytes = all[at % all.length] ?? new Uint8Array(0);
  try {
    const { ending, milliseconds, words } = tryObject(
      mutate(new Random(own), bytes, all),
      kernel,
      noCalls,
    );
    if (ending === "valid") valid++;
    else reasons.add(words.replace(/\d+|"[^"]*"|\S*struct_ops\S*/g, "…"));
    if (milliseconds > slowest.milliseconds) slowest = { milliseconds, seed: own };
    if (milliseconds > millisecondsMax) throw new Error(`took ${milliseconds.toFixed(0)} ms`);
  } catch (error) {
    console.error(`object ${at} (seed ${own})`, error);
    process.exit(1);
  }
}
console.log(
  `${valid} still valid, ${count - valid} refused for ${reasons.size} different reasons; ` +
    `slowest ${slowest.milliseconds.toFixed(0)} ms (seed ${slowest.seed}); ` +
    `${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB resident`,
);
