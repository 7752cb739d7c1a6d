// More hogs than CPUs: three of equal weight, each of which must have its turn, and two lighter ones,
// which should have less.

import type { Finding } from "../../../../contract/verdict.ts";
import { feeding } from "../starvation.ts";
import { starvedFinding } from "../starved-finding.ts";
import { plainTrial, type Trial } from "../trial.ts";
import { hog, hogUnder, trialWorkload } from "../trial-workload.ts";
import { type WeightUse, weightUse } from "../weights.ts";

const equals = ["equal-a", "equal-b", "equal-c"];
/** Two: one alone that has most of a CPU could not be told from one with a long slice. */
const light = ["light-a", "light-b"];
/** Weight is a matter of a warning: beyond this it is not waited for. An idle host decides it in half of that. */
const weightMsMax = 2500;
/**
 * Where turns come so late that nothing is established sooner, this decides, as in the simulator
 * (simulator/checks/starvation.ts): 15 s, half of the longest watchdog, is beyond any ageing that
 * ordinary policies use (5 to 11 s) and leaves those who aged time for their tenth of a share.
 */
export const starvedMsMax = 15_000;

export const fairShare: Trial = {
  ...plainTrial,
  id: "fair-share",
  title: "more hogs than CPUs, of equal and unequal weight",
  workload: trialWorkload("fair-share", [
    ...light.map((name) => ({ name, command: hogUnder("nice -n 5") })),
    ...equals.map((name) => ({ name, command: hog })),
  ]),
  windowMs: { min: 1000, max: starvedMsMax },
  enough: (observations) => {
    const { state } = feeding(observations, equals);
    if (state !== "fed") return state === "starved";
    const seenMs = observations.at(-1)?.atMs ?? 0;
    return seenMs >= weightMsMax || weightUse(observations, equals, light) !== "open";
  },
  judge: ({ observations }) => {
    const { hungry, state } = feeding(observations, equals);
    if (state !== "fed") return [starvedFinding(hungry, observations)];
    return weightFindings(weightUse(observations, equals, light));
  },
};

function weightFindings(use: WeightUse): Finding[] {
  const hint =
    "Charge virtual time in inverse proportion to p->scx.weight (vtime += used * 100 / weight), or scale slices with it.";
  if (use === "inverted") {
    const message = "tasks of nice 5 get at least twice the CPU time of those of nice 0";
    return [{ rule: "exercise/weight-inverted", severity: "error", message, hint }];
  }
  if (use === "ignored") {
    const message = "tasks of nice 5 get as much CPU time as those of nice 0: weights are ignored";
    return [{ rule: "exercise/weight-ignored", severity: "warning", message, hint }];
  }
  return [];
}
