// Hogs of which some may use one CPU only, and one whose mask changes while it runs: whoever is put on a
// CPU that it may not use gets the policy ejected, and whoever is forgotten starves.

import { stuckSince } from "../progress.ts";
import { feeding } from "../starvation.ts";
import { starvedFinding } from "../starved-finding.ts";
import { type Observation, plainTrial, type Trial } from "../trial.ts";
import { hog, hogUnder, trialWorkload } from "../trial-workload.ts";
import { starvedMsMax } from "./fair-share.ts";

const pinned = ["pinned-a", "pinned-b"];
const others = ["mover", "free"];
const changes = [
  { atMs: 100, cpus: [1] },
  { atMs: 200, cpus: [0] },
  { atMs: 300, cpus: [0, 1] },
];

export const affinity: Trial = {
  ...plainTrial,
  id: "affinity",
  title: "pinned hogs, and one whose CPUs change",
  workload: trialWorkload("affinity", [
    ...pinned.map((name) => ({ name, command: hogUnder("taskset -c 0") })),
    ...others.map((name) => ({ name, command: hog })),
  ]),
  disturbances: changes.map((change) => ({ kind: "affinity", entry: "mover", ...change })),
  windowMs: { min: 450, max: starvedMsMax },
  enough: (observations) => {
    const { state } = feeding(observations, pinned);
    if (state === "starved") return true;
    return state === "fed" && changed(observations) && stuck(observations).length === 0;
  },
  judge: ({ observations }) => {
    const hungry = new Set([...feeding(observations, pinned).hungry, ...stuck(observations)]);
    return hungry.size === 0 ? [] : [starvedFinding([...hungry], observations)];
  },
};

const changed = (observations: readonly Observation[]) =>
  observations.at(-1)?.disturbances.length === changes.length;

/** Who did not get on after the last change. */
function stuck(observations: readonly Observation[]): string[] {
  const last = observations.at(-1)?.disturbances.at(-1);
  return stuckSince(observations, others, last === undefined ? 0 : last.atMs + last.durationMs);
}
