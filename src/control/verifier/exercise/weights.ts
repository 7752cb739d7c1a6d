// Whether lighter tasks get less than heavier ones, from observations that may end at any time. Pure.
// Called by trials/fair-share.ts.

import { Rounds } from "./rounds.ts";
import { alpha, SequentialSignTest } from "./sequential-test.ts";
import { type Observation, trialCpus } from "./trial.ts";

/**
 * Of tasks of nice 5 beside such of nice 0. `honoured`: they have less. `ignored`: as much. `inverted`:
 * at least twice as much. `open`: not established.
 */
export type WeightUse = "honoured" | "ignored" | "inverted" | "open";

/** A task of nice 5 weighs 335 of 1024 (sched_prio_to_weight[]): 0.33 is due, 1 is equal. */
const ignoredShare = 0.75;
const invertedShare = 2;

export function weightUse(
  observations: readonly Observation[],
  heavy: readonly string[],
  light: readonly string[],
): WeightUse {
  let tests = newTests();
  let use: WeightUse = "open";
  for (const event of new Rounds([...heavy, ...light], trialCpus).replay(observations)) {
    if (event.kind === "longer") {
      tests = newTests();
      use = "open";
      continue;
    }
    const heavyMs = mean(event.cpuMs.slice(0, heavy.length));
    const lightMs = mean(event.cpuMs.slice(heavy.length));
    tests.honoured.add(lightMs < ignoredShare * heavyMs);
    tests.ignored.add(lightMs >= ignoredShare * heavyMs);
    tests.inverted.add(lightMs >= invertedShare * heavyMs);
    const level = alpha / event.levelDivisor;
    if (tests.inverted.established(level)) return "inverted";
    if (use !== "open") continue;
    if (tests.ignored.established(level)) use = "ignored";
    else if (tests.honoured.established(level)) use = "honoured";
  }
  return use;
}

function newTests() {
  const test = () => new SequentialSignTest();
  return { honoured: test(), ignored: test(), inverted: test() };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
