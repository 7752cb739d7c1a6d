// Nice levels and cgroup weights change while tasks run, and CPU 1 goes and comes back. A policy without
// cpu_online and cpu_offline is sent away by the kernel then, which asks for it to be loaded again: that
// is no fault.

import type { ExitRecord } from "../../../../contract/node-protocol.ts";
import type { Finding } from "../../../../contract/verdict.ts";
import { stuckSince } from "../progress.ts";
import { starvedFinding } from "../starved-finding.ts";
import { type Departure, type Observation, plainTrial, type Trial } from "../trial.ts";
import { hog, trialWorkload } from "../trial-workload.ts";
import { starvedMsMax } from "./fair-share.ts";

const hogs = ["hog-a", "hog-b", "hog-c"];
/** SCX_EXIT_UNREG_KERN: the kernel's own wish, in 7.2 for CPU hotplug only (handle_hotplug()). */
const unregisteredByKernel = 66;

export const changes: Trial = {
  ...plainTrial,
  id: "changes",
  title: "nice levels, cgroup weights and CPUs that change",
  workload: trialWorkload(
    "changes",
    hogs.map((name) => ({ name, command: hog })),
  ),
  disturbances: [
    { atMs: 50, kind: "nice", entry: "hog-a", nice: -10 },
    { atMs: 100, kind: "cpu-weight", entry: "hog-b", weight: 1000 },
    { atMs: 200, kind: "nice", entry: "hog-a", nice: 10 },
    { atMs: 250, kind: "cpu-weight", entry: "hog-b", weight: 10 },
    { atMs: 300, kind: "cpu-offline", cpu: 1 },
    { atMs: 450, kind: "cpu-online", cpu: 1 },
  ],
  windowMs: { min: 500, max: starvedMsMax },
  enough: (observations) => restoredAtMs(observations) !== null && stuck(observations).length === 0,
  judge: ({ observations }) => {
    if (restoredAtMs(observations) === null) return [notRestored];
    const names = stuck(observations);
    return names.length === 0
      ? []
      : [starvedFinding(names, observations, restoredAtMs(observations))];
  },
  departure: ({ kind }: ExitRecord): Departure | null =>
    kind === unregisteredByKernel ? { kind: "restart" } : null,
};

const notRestored: Finding = {
  rule: "exercise/starved",
  severity: "error",
  message: `CPU 1 was taken offline and did not come back within ${starvedMsMax / 1000} s: the kernel's own threads that bring it back get no CPU time`,
  hint: "In cpu_offline and cpu_online keep the queues served: whoever is queued for a CPU that goes, or has come back, must still be reached by dispatch. Or leave both ops out: the kernel then loads the policy anew.",
};

/** When all CPUs were there again; null before. */
function restoredAtMs(observations: readonly Observation[]): number | null {
  const last = observations.at(-1)?.disturbances.at(-1);
  return last?.kind === "cpu-online" ? last.atMs + last.durationMs : null;
}

/**
 * Who got nothing since the CPU came back. By then hog-a is of nice 10 (weight 11 of 100) and hog-b in a
 * group of a tenth of the usual weight: a policy that honours either still serves both within a second.
 */
function stuck(observations: readonly Observation[]): string[] {
  return stuckSince(observations, hogs, restoredAtMs(observations) ?? 0);
}
