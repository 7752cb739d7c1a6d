// The first and shortest: a hog, a chain of short processes, sleepers (one of them pinned), under a
// watchdog that is quick.

import { plainTrial, type Trial } from "../trial.ts";
import { forker, hog, sleeper, trialWorkload } from "../trial-workload.ts";

/**
 * The mix wants about as much CPU as the guest has, so no order of its tasks, no slice and no ageing can
 * rightly keep one waiting for long: 1.2 s is a stall by any measure. The kernel scans every half
 * time-out (scx_watchdog_workfn()): a stall is seen within 1.5 time-outs, and a scan more is waited for.
 */
export const basicWatchdogMs = 1200;
const windowMs = 2100;

export const basic: Trial = {
  ...plainTrial,
  id: "basic",
  title: "a hog, short processes and sleepers",
  workload: trialWorkload("basic", [
    { name: "hog", command: hog },
    { name: "forker", command: forker },
    { name: "sleeper", count: 2, command: sleeper },
    { name: "pinned", command: `exec taskset -c 0 sh -c '${sleeper}'` },
  ]),
  windowMs: { min: windowMs, max: windowMs },
  enough: () => true,
  // The watchdog is the judge here.
  judge: () => [],
};
