// Partial mode: only tasks of policy SCHED_EXT are the scheduler's. They must be served, and ordinary
// tasks must not suffer.
//
// What can't be demanded (measured on 7.2): the fair class outranks this one, so beside busy ordinary
// tasks SCHED_EXT ones get the 5 % of the kernel's deadline server and no more. So the ordinary tasks
// here are one chain of short processes, for which one of the two CPUs is enough.

import { stuckSince } from "../progress.ts";
import { feeding } from "../starvation.ts";
import { starvedFinding } from "../starved-finding.ts";
import { plainTrial, type Trial } from "../trial.ts";
import { forker, hogUnder, trialWorkload } from "../trial-workload.ts";
import { starvedMsMax } from "./fair-share.ts";

const extended = ["ext-a", "ext-b", "ext-c"];
const ordinary = ["ordinary"];

export const partial: Trial = {
  ...plainTrial,
  id: "partial",
  title: "partial mode: SCHED_EXT tasks beside ordinary ones",
  workload: trialWorkload("partial", [
    ...extended.map((name) => ({ name, command: hogUnder("chrt -e 0") })),
    { name: "ordinary", command: forker },
  ]),
  windowMs: { min: 600, max: starvedMsMax },
  enough: (observations) => {
    const { state } = feeding(observations, extended);
    if (state === "starved") return true;
    return state === "fed" && stuckSince(observations, ordinary, 0).length === 0;
  },
  judge: ({ observations }) => {
    const hungry = [
      ...feeding(observations, extended).hungry,
      ...stuckSince(observations, ordinary, 0),
    ];
    return hungry.length === 0 ? [] : [starvedFinding(hungry, observations)];
  },
};
