// Commands that trials are made of, with what every guest image has (a shell, perl, util-linux), and
// the workload that holds them. Called by the files in trials/.

import { type Workload, workloadSchema } from "../../../contract/workload.ts";

export interface TrialEntry {
  name: string;
  command: string;
  count?: number;
  background?: boolean;
}

export function trialWorkload(id: string, run: readonly TrialEntry[]): Workload {
  return workloadSchema.parse({
    name: id,
    run,
    objective: { metric: "makespan", direction: "minimise" },
  });
}

/** Never sleeps, never ends. */
export const hog = "while :; do :; done";
/** The same through a program that sets something about it first, such as `nice -n 5`. */
export const hogUnder = (program: string) => `exec ${program} sh -c '${hog}'`;
/** A chain of short processes; ends where one can't be made. */
export const forker = "while :; do /bin/true || exit 1; done";
/** The same with rests: leaves at least half of a CPU idle. */
export const restingForker = "while :; do /bin/true && /bin/true && sleep 0.06 || exit 1; done";
/** Wakes every 100 ms for as long as a process takes to start and sleep. */
export const sleeper = "while :; do sleep 0.1 || exit 1; done";
