// What a check is: it listens to the ledger while a scenario runs, and at the end says what it saw. One
// file a check beside this one; checks.ts lists them. A check has no effect on the run.

import type { PolicyExit } from "../core/policy-ops.ts";
import type { Ledger, TaskRecord, Wait } from "./ledger.ts";

export type Rule =
  | "program-fault"
  | "runtime-error"
  | "stall"
  | "affinity"
  | "lost-task"
  | "starvation"
  | "unfairness"
  | "priority-inversion"
  | "work-conservation"
  | "queue-growth"
  | "switching"
  | "interactive-latency"
  | "migrations";

export interface Violation {
  rule: Rule;
  severity: "error" | "warning" | "note";
  message: string;
  hint: string;
  /** The task that it shows best in; null where it is about all of them. */
  task: TaskRecord | null;
  /** When it was certain, ns. */
  atNs: number;
}

/** How near a run came to a bound: 1 is the bound. For calibration. */
export interface Reading {
  rule: Rule;
  severity: Violation["severity"];
  ratio: number;
}

export interface RunEnd {
  nowNs: number;
  /** Why the policy left; null where it stayed. */
  exit: PolicyExit | null;
  ledger: Ledger;
}

export interface Check {
  /** A task got a CPU, or the run ended (`wait.open`) before it did. */
  waitEnded?(now: number, task: TaskRecord, wait: Wait): void;
  /** A task starts to run; `previousCpu` -1: for the first time. */
  running?(now: number, task: TaskRecord, cpu: number, previousCpu: number): void;
  misplaced?(now: number, task: TaskRecord, cpu: number): void;
  /** A window of the run (see Ledger.windowNs) is over: `task.ranAtWindow` is still its beginning's. */
  windowEnded?(startNs: number, endNs: number, ledger: Ledger): void;
  finish(end: RunEnd): Violation[];
  /** After `finish`. */
  readings(): Reading[];
}
