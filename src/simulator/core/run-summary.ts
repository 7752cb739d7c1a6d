// What goes into one simulated run and what comes out of it. Data only; `simulateScenario` is in
// simulate-scenario.ts. Called by the runtime, the checks and the report.

import type { Scenario } from "../scenario/scenario.ts";
import type { Kernel } from "./kernel.ts";
import type { Observer } from "./observer.ts";
import type { PolicyExit, PolicyOps } from "./policy-ops.ts";
import type { VisibleState } from "./visible-state.ts";

export interface RunLimits {
  /** Events (see `RunSummary.events`) after which the run ends with SimulatorLimit. */
  eventsMax: number;
  /** Tasks that may ever be started, forked ones included; SimulatorLimit beyond. */
  tasksMax: number;
}

export const defaultRunLimits: RunLimits = { eventsMax: 50_000_000, tasksMax: 200_000 };

export interface RunRequest {
  scenario: Scenario;
  /** Null: the model of the kernel's default scheduler (EEVDF). */
  policy: PolicyOps | null;
  /** Null: nothing looks at it (default scheduler, native policies): plain arrays are used. */
  state: VisibleState | null;
  /** Called once, with the kernel that the policy's kfuncs act on, before any callback (`init` too). */
  attach?: (kernel: Kernel) => void;
  observer?: Observer;
  limits?: RunLimits;
}

/** What became of one task. */
export interface TaskSummary {
  spec: number;
  instance: number;
  pid: number;
  startedNs: number;
  /** -1 where it had not exited when the run ended. */
  exitedNs: number;
  /** CPU time that it used. */
  ranNs: number;
  /** Time that it wanted a CPU and had none. */
  waitedNs: number;
  waitedMaxNs: number;
  /** Times that it got a CPU, and of these on another CPU than before. */
  runs: number;
  migrations: number;
}

export interface CpuSummary {
  busyNs: number;
  idleNs: number;
  /** Switches, kicks and cold caches, by the cost model. */
  overheadNs: number;
  realtimeNs: number;
  offlineNs: number;
  switches: number;
}

export interface RunSummary {
  endNs: number;
  /** Why the policy left, by itself or by the kernel's doing; null where it stayed to the end. */
  exit: PolicyExit | null;
  /** When it left; -1 where it did not. The tasks then went on under the default scheduler. */
  exitNs: number;
  /** Last exit of a task that is not in the background; the run's end where one was left. */
  makespanNs: number;
  /** Every task that is not in the background exited in time. */
  finished: boolean;
  /**
   * One event is one entry taken from the machine's queue of timers: the end of a run step, a sleep's
   * timer, a tick, a resched interrupt, a policy's timer, something of the scenario. All that follows at
   * that instant (wake-ups, ops, dispatch rounds, context switches) belongs to it.
   */
  events: number;
  /** Times that ops.dispatch was called. */
  dispatchRounds: number;
  /** Forks that the policy's init_task refused. */
  forksFailed: number;
  tasks: TaskSummary[];
  cpus: CpuSummary[];
}
