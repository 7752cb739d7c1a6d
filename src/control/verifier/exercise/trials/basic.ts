// The first and shortest: a hog, a chain of short processes with rests, sleepers (one of them pinned),
// under a watchdog that is quick.

import { plainTrial, type Trial } from "../trial.ts";
import { hog, restingForker, sleeper, trialWorkload } from "../trial-workload.ts";

/**
 * The mix wants less CPU than the guest has, so no order of its tasks, no slice and no ageing can rightly
 * keep one waiting for long: 1.2 s is a stall by any measure. Were the CPUs never idle, a kernel thread of
 * nice 19 (khugepaged) could rightly wait as long: after 8 ms of work its share of 1 in 100 is used up for
 * 0.8 s. The kernel scans every half time-out (scx_watchdog_workfn()): a stall is seen within 1.5
 * time-outs, and a scan more is waited for.
 */
export const basicWatchdogMs = 1200;
const windowMs = 2100;

export const basic: Trial = {
  ...plainTrial,
  id: "basic",
  title: "a hog, short processes and sleepers",
  workload: trialWorkload("basic", [
    { name: "hog", command: hog },
    { name: "forker", command: restingForker },
    { name: "sleeper", count: 2, command: sleeper },
    { name: "pinned", command: `exec taskset -c 0 sh -c '${sleeper}'` },
  ]),
  windowMs: { min: windowMs, max: windowMs },
  enough: () => true,
  // The watchdog is the judge here.
  judge: () => [],
};
