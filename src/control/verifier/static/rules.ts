// All rules of the static stage, in the order of docs/static-rules.md.

import type { Rule } from "./rule.ts";
import { absoluteTime } from "./rules/absolute-time.ts";
import { affinity } from "./rules/affinity.ts";
import { callbackCost } from "./rules/callback-cost.ts";
import { cpuNotServed } from "./rules/cpu-not-served.ts";
import { deprecated } from "./rules/deprecated.ts";
import { dispatchGate } from "./rules/dispatch-gate.ts";
import { dsqNeverCreated } from "./rules/dsq-never-created.ts";
import { dsqNeverDrained } from "./rules/dsq-never-drained.ts";
import { errorExit } from "./rules/error-exit.ts";
import { missingExit } from "./rules/exit-op.ts";
import { forkError } from "./rules/fork-error.ts";
import { identity } from "./rules/identity.ts";
import { kernelRead } from "./rules/kernel-read.ts";
import { labDetection } from "./rules/lab-detection.ts";
import { lostTask } from "./rules/lost-task.ts";
import { memoryGrowth } from "./rules/memory-growth.ts";
import { newestFirst } from "./rules/newest-first.ts";
import { oneWay } from "./rules/one-way.ts";
import { sliceUnbounded } from "./rules/slice-unbounded.ts";
import { storm } from "./rules/storm.ts";
import { strictPriority } from "./rules/strict-priority.ts";
import { timeoutTooSmall } from "./rules/timeout.ts";
import { unrelated } from "./rules/unrelated.ts";
import { weightIgnored, weightInverted } from "./rules/weight.ts";

export const rules: readonly Rule[] = [
  ...[lostTask, dsqNeverDrained, dsqNeverCreated, cpuNotServed, dispatchGate, affinity],
  ...[strictPriority, newestFirst, weightInverted, weightIgnored, identity, unrelated],
  ...[
    sliceUnbounded,
    absoluteTime,
    oneWay,
    labDetection,
    errorExit,
    forkError,
    callbackCost,
    storm,
    memoryGrowth,
  ],
  ...[kernelRead, missingExit, timeoutTooSmall, deprecated],
];
