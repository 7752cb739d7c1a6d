// Which trials there are, and in what order: by what they tell in a second, and so that few attaches
// are needed, for under emulation about 1 in 200 attach/detach pairs costs the guest. Called by
// exercise.ts.

import type { Imposed } from "../../../contract/node-protocol.ts";
import type { Trial } from "./trial.ts";
import { affinity } from "./trials/affinity.ts";
import { basic, basicWatchdogMs } from "./trials/basic.ts";
import { changes } from "./trials/changes.ts";
import { fairShare } from "./trials/fair-share.ts";
import { partial } from "./trials/partial.ts";
import { realTimeHog } from "./trials/real-time-hog.ts";
import { revertOnDeath, revertOnUnload } from "./trials/revert.ts";
import { storms } from "./trials/storms.ts";
import { wakeLatency } from "./trials/wake-latency.ts";

/** Trials under one deployment, which is repeated only where a trial ended it. */
export interface TrialGroup {
  imposed: Imposed;
  trials: readonly Trial[];
}

/**
 * What a node imposes where nobody says otherwise: the kernel's own maximum, SCX_WATCHDOG_MAX_TIMEOUT. A
 * correct policy may rightly let a light task wait for seconds; what waits too long is judged by trial.
 */
const nodeWatchdogMs = 30_000;

export const trialGroups: readonly TrialGroup[] = [
  { imposed: { timeoutMs: basicWatchdogMs, partial: false }, trials: [basic, revertOnUnload] },
  {
    imposed: { timeoutMs: nodeWatchdogMs, partial: false },
    // `changes` comes last, for it may end the deployment.
    trials: [fairShare, wakeLatency, affinity, storms, realTimeHog, changes],
  },
  { imposed: { timeoutMs: nodeWatchdogMs, partial: true }, trials: [partial, revertOnDeath] },
];
