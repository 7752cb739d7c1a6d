// How fast the kernel's default scheduler is back under load: when the node takes the policy away, and
// when the process that owns it dies.

import type { ExitRecord } from "../../../../contract/node-protocol.ts";
import type { Finding } from "../../../../contract/verdict.ts";
import { type Departure, plainTrial, type Trial, type TrialRecord } from "../trial.ts";
import { forker, hog, sleeper, trialWorkload } from "../trial-workload.ts";

/** Rule 3 of the design: within 2 s of a fault on the node. */
export const revertMsMax = 2000;
/** SCX_EXIT_UNREG: user space let go of it. */
const unregistered = 64;

const workload = trialWorkload("revert", [
  { name: "hog", count: 4, command: hog },
  { name: "forker", command: forker },
  { name: "sleeper", count: 2, command: sleeper },
]);

function revert(kind: "unload" | "kill-loader", title: string): Trial {
  return {
    ...plainTrial,
    id: `revert-${kind}`,
    title,
    workload,
    disturbances: [{ atMs: 100, kind }],
    windowMs: { min: 100, max: 10_000 },
    enough: (observations) => (observations.at(-1)?.disturbances.length ?? 0) > 0,
    judge,
    departure: (exit: ExitRecord): Departure | null =>
      exit.kind === unregistered ? { kind: "asked-for" } : null,
  };
}

export const revertOnUnload = revert("unload", "unloading under load");
export const revertOnDeath = revert("kill-loader", "the loader's death under load");

/** Null where the policy was not taken away. */
export function revertMs({ disturbances }: TrialRecord): number | null {
  return disturbances[0]?.durationMs ?? null;
}

function judge(record: TrialRecord): Finding[] {
  const ms = revertMs(record);
  if (ms !== null && ms <= revertMsMax) return [];
  const took = ms === null ? "more than 10 s" : `${(ms / 1000).toFixed(1)} s`;
  return [
    {
      rule: "exercise/revert",
      severity: "error",
      message: `the kernel's default scheduler was back only after ${took} under load; ${revertMsMax / 1000} s are allowed`,
      hint: "The kernel waits for callbacks: bound every loop in them, and let exit, exit_task and disable do little.",
    },
  ];
}
