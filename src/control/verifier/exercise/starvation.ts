// Whether each of several equal tasks gets its turn, from observations that may end at any time. Pure.
// Called by the trials that have hogs.

import { Rounds } from "./rounds.ts";
import { alpha, SequentialSignTest } from "./sequential-test.ts";
import { type Observation, trialCpus } from "./trial.ts";

/** Equal tasks: below this part of their mean one is starved, however coarse the order. */
export const starvedShare = 0.1;

export interface Feeding {
  /**
   * `fed`: everybody has had a tenth of an equal share. `starved`: rounds without that came so often
   * for somebody that it can't be chance. `open`: neither; look on.
   */
  state: "fed" | "starved" | "open";
  /** Entries that have had less than a tenth of an equal share so far. */
  hungry: string[];
}

/**
 * A policy with long slices serves its tasks late but in turn; so what counts is rounds (rounds.ts),
 * each long enough for everybody's turn by the longest slice seen. That an entry gets less than a tenth
 * of its share in a round may happen; that it happens more often than not is what is tested, for every
 * entry at the level alpha divided by their number.
 */
export function feeding(observations: readonly Observation[], equals: readonly string[]): Feeding {
  const last = observations.at(-1);
  const used = equals.map((name) => last?.entries.find(({ entry }) => entry === name)?.cpuMs ?? 0);
  const hungry = equals.filter((_, index) => isStarved(used, index));
  if (mean(used) > 0 && hungry.length === 0) return { state: "fed", hungry };

  const rounds = new Rounds(equals, trialCpus);
  let tests = equals.map(() => new SequentialSignTest());
  const established = new Set<string>();
  for (const event of rounds.replay(observations)) {
    if (event.kind === "longer") tests = equals.map(() => new SequentialSignTest());
    else {
      for (const [index, test] of tests.entries()) test.add(isStarved(event.cpuMs, index));
      const level = alpha / equals.length / event.levelDivisor;
      for (const [index, name] of equals.entries()) {
        if (tests[index]?.established(level)) established.add(name);
      }
    }
  }
  const starved = hungry.some((name) => established.has(name));
  return { state: starved ? "starved" : "open", hungry };
}

function isStarved(cpuMs: readonly number[], index: number): boolean {
  return (cpuMs[index] ?? 0) < starvedShare * mean(cpuMs);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
