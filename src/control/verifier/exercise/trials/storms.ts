// Short-lived and much-switching processes by the hundred: forks, execs and exits, messages between
// processes, and stress-ng's own forks and switches.

import { stuckSince } from "../progress.ts";
import { starvedFinding } from "../starved-finding.ts";
import { plainTrial, type Trial } from "../trial.ts";
import { forker, trialWorkload } from "../trial-workload.ts";
import { starvedMsMax } from "./fair-share.ts";

const kinds = ["forks", "messages", "stress"];
const settledMs = 400;
/** How much storm is enough: CPU time of all, so that a slow host gets as much of it as a fast one, ms. */
const stormMs = 1400;
const stormWaitMsMax = 5000;

export const storms: Trial = {
  ...plainTrial,
  id: "storms",
  title: "storms of forks, execs, exits and switches",
  workload: trialWorkload("storms", [
    { name: "forks", count: 2, command: forker },
    {
      name: "messages",
      command: "while :; do hackbench -g 1 -l 20 -f 5 || exit 1; done",
    },
    { name: "stress", command: "exec stress-ng --quiet --fork 1 --switch 1 --exec 1 --timeout 60" },
  ]),
  // A window of its own length where all get on; else until it is starvation by any measure.
  windowMs: { min: 600, max: starvedMsMax },
  enough: (observations) => {
    const last = observations.at(-1);
    const usedMs = (last?.entries ?? []).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const stormed = usedMs >= stormMs || (last?.atMs ?? 0) >= stormWaitMsMax;
    return stormed && stuckSince(observations, kinds, settledMs).length === 0;
  },
  judge: ({ observations }) => {
    const stuck = stuckSince(observations, kinds, settledMs);
    return stuck.length === 0 ? [] : [starvedFinding(stuck, observations, settledMs)];
  },
};
