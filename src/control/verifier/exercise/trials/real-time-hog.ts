// A real-time task takes CPU 0 for a while, as it can on any machine. The tasks that wait for that CPU
// meanwhile are not the policy's to serve: a stall is told as the real-time task's doing. When it is
// gone, all must get on.

import type { ExitRecord } from "../../../../contract/node-protocol.ts";
import { escapedTail } from "../../../analysis/escaped-text.ts";
import { stuckSince } from "../progress.ts";
import { starvedFinding } from "../starved-finding.ts";
import { type Departure, type Observation, plainTrial, type Trial } from "../trial.ts";
import { hog, hogUnder, trialWorkload } from "../trial-workload.ts";
import { starvedMsMax } from "./fair-share.ts";

const hogs = ["hog-a", "hog-b", "pinned"];
/** SCX_EXIT_ERROR_STALL. */
const stalled = 1026;

/** The hog holds CPU 0 for so long, ms. */
export function realTimeTrial(hogMs: number): Trial {
  return {
    ...plainTrial,
    id: "real-time-hog",
    title: "a real-time task that takes a CPU away",
    workload: trialWorkload("real-time-hog", [
      { name: "hog-a", command: hog },
      { name: "hog-b", command: hog },
      { name: "pinned", command: hogUnder("taskset -c 0") },
    ]),
    disturbances: [{ atMs: 100, kind: "real-time-hog", cpu: 0, durationMs: hogMs }],
    windowMs: { min: 500, max: starvedMsMax },
    enough: (observations) => {
      const goneMs = goneAtMs(observations, hogMs);
      return goneMs !== null && stuckSince(observations, hogs, goneMs).length === 0;
    },
    judge: ({ observations }) => {
      const goneMs = goneAtMs(observations, hogMs);
      const stuck = goneMs === null ? [] : stuckSince(observations, hogs, goneMs);
      return stuck.length === 0 ? [] : [starvedFinding(stuck, observations, goneMs)];
    },
    departure,
  };
}

export const realTimeHog = realTimeTrial(300);

/** A stall only: an error that the policy itself made or ran into stays its own. */
function departure({ kind, message }: ExitRecord): Departure | null {
  if (kind !== stalled) return null;
  return {
    kind: "not-its-fault",
    finding: {
      rule: "exercise/real-time-task",
      severity: "note",
      message: `a real-time task held CPU 0, and the kernel's watchdog ejected the policy for it: ${escapedTail(message, 200)}`,
      hint: "Nothing is wrong with the policy here. On a machine with busy real-time tasks, tasks that wait for their CPUs stall under any sched_ext scheduler; `cpu_release` with scx_bpf_reenqueue_local() lets those that may move go elsewhere.",
    },
  };
}

/** Null before it ran. */
function goneAtMs(observations: readonly Observation[], hogMs: number): number | null {
  const hogged = observations.at(-1)?.disturbances.at(-1);
  return hogged === undefined ? null : hogged.atMs + hogged.durationMs + hogMs;
}
