// The trials of an enrolled program: the same as a policy's, in whole mode. No partial mode, which can't
// be imposed on it; and where a policy's first trial has the kernel's watchdog for its judge, this one
// looks at CPU time, for the watchdog's time-out is the program's own. Called by verify-enrolled.ts.

import { stuckSince } from "../exercise/progress.ts";
import { starvedFinding } from "../exercise/starved-finding.ts";
import type { Observation, Trial } from "../exercise/trial.ts";
import { basic } from "../exercise/trials/basic.ts";
import { starvedMsMax } from "../exercise/trials/fair-share.ts";
import { revertOnDeath } from "../exercise/trials/revert.ts";
import { type TrialGroup, trialGroups } from "../exercise/trials.ts";

/** Its tasks have begun by then, ms since the release. */
const settledMs = 600;

const names = basic.workload.run.map(({ name }) => name);
const stuck = (observations: readonly Observation[]) => stuckSince(observations, names, settledMs);

const watched: Trial = {
  ...basic,
  windowMs: { min: basic.windowMs.min, max: starvedMsMax },
  enough: (observations) => stuck(observations).length === 0,
  judge: ({ observations }) => {
    const hungry = stuck(observations);
    return hungry.length === 0 ? [] : [starvedFinding(hungry, observations, settledMs)];
  },
};

export const binaryTrialGroups: readonly TrialGroup[] = trialGroups.map(({ imposed, trials }) => ({
  imposed: { ...imposed, partial: false },
  trials: imposed.partial
    ? [revertOnDeath]
    : trials.map((trial) => (trial === basic ? watched : trial)),
}));
