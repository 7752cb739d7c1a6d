// One run of a native policy, for tests: the ops it saw, and how it ended.

import type { Scenario } from "../../scenario/scenario.ts";
import type { Observer } from "../observer.ts";
import type { PolicyOps } from "../policy-ops.ts";
import type { RunSummary } from "../run-summary.ts";
import { simulateScenario } from "../simulate-scenario.ts";
import { KernelSlot } from "./native-policy.ts";
import { recordOps } from "./recording.ts";

export interface NativeRun {
  summary: RunSummary;
  ops: string[];
}

export function runNative(
  scenario: Scenario,
  make: ((slot: KernelSlot) => PolicyOps) | null,
  observer: Observer = {},
): NativeRun {
  const slot = new KernelSlot();
  const recorded = recordOps();
  const summary = simulateScenario({
    scenario,
    policy: make === null ? null : make(slot),
    state: null,
    attach: slot.attach,
    observer: { ...observer, ...recorded.observer },
  });
  return { summary, ops: recorded.ops };
}

/** Callbacks that do nothing, so that the core calls them and the recorder sees them. */
export const watchedOps = {
  runnable: (): void => undefined,
  running: (): void => undefined,
  stopping: (): void => undefined,
  quiescent: (): void => undefined,
  dequeue: (): void => undefined,
  setWeight: (): void => undefined,
  setCpumask: (): void => undefined,
};
