// The adversarial suite: every family, cheapest and most telling first. Called by checks/suite.ts.

import {
  equalHogs,
  extremeWeights,
  manyCpus,
  mildWeights,
  singleCpu,
  yielders,
} from "./families/hogs.ts";
import { churn, crowd, execs, forkBomb, ordinaryNames, renices } from "./families/life.ts";
import {
  affinityFlips,
  cgroups,
  cpuGone,
  hotplug,
  longHaul,
  pinned,
  realtime,
  smtNodes,
} from "./families/machine.ts";
import {
  bursts,
  busySleepers,
  everyWeight,
  idleThenBurst,
  lateArrivals,
  pingPong,
  pipelines,
  sleepersBesideHogs,
  thunderingHerd,
  wakeStorm,
  weightedSleepers,
} from "./families/sleepers.ts";
import { type Family, type FamilySize, suiteSize } from "./family.ts";
import type { Scenario } from "./scenario.ts";

export const families: readonly Family[] = [
  singleCpu,
  equalHogs,
  mildWeights,
  ordinaryNames,
  pinned,
  idleThenBurst,
  bursts,
  affinityFlips,
  extremeWeights,
  sleepersBesideHogs,
  busySleepers,
  weightedSleepers,
  longHaul,
  renices,
  execs,
  churn,
  forkBomb,
  hotplug,
  realtime,
  cgroups,
  yielders,
  smtNodes,
  pipelines,
  pingPong,
  thunderingHerd,
  wakeStorm,
  manyCpus,
  lateArrivals,
  crowd,
  // Last: a family's seed comes from its place.
  everyWeight,
  cpuGone,
];

/** Each family has a seed of its own, so that a change of one touches no other. */
export function familySeed(seed: number, index: number): number {
  return (seed + 7919 * index) >>> 0;
}

/** What the suite runs: one scenario of each family. */
export function suiteScenarios(seed: number, size: FamilySize = suiteSize): Scenario[] {
  return families.map((family, index) => family.make(familySeed(seed, index), size));
}
