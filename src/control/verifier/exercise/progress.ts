// Which entries have used CPU time since a moment of the run. Pure. Called by the trials in which
// everybody must get on, though not equally.

import type { Observation } from "./trial.ts";

/** Less than this says nothing: it may have been used before the moment and accounted later, ms. */
const progressMsMin = 1;

/** Entries among `names` that have used no CPU time since `sinceMs` after the release. */
export function stuckSince(
  observations: readonly Observation[],
  names: readonly string[],
  sinceMs: number,
): string[] {
  const before = observations.find(({ atMs }) => atMs >= sinceMs);
  const last = observations.at(-1);
  if (before === undefined || last === undefined) return [...names];
  return names.filter((name) => usedBy(last, name) - usedBy(before, name) < progressMsMin);
}

export function usedBy(observation: Observation, name: string): number {
  return observation.entries.find(({ entry }) => entry === name)?.cpuMs ?? 0;
}
