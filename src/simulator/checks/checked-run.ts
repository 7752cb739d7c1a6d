// One scenario under one policy (or the default scheduler), with all checks on. What stops a run before
// its end (something that is not modelled, a limit, a fault of the program) is part of the outcome.
// Called by the suite, the search, the reducer, and by simulate for a user's own workload.

import type { Kernel } from "../core/kernel.ts";
import type { Observer } from "../core/observer.ts";
import type { PolicyOps } from "../core/policy-ops.ts";
import type { RunSummary } from "../core/run-summary.ts";
import { simulateScenario } from "../core/simulate-scenario.ts";
import type { VisibleState } from "../core/visible-state.ts";
import { ProgramFault, SimulatorLimit } from "../errors.ts";
import type { Unsupported } from "../machine/calls.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { both } from "./both.ts";
import type { Reading, Violation } from "./check.ts";
import { allChecks, type CheckSet } from "./checks.ts";
import type { InteractiveWaits } from "./interactive-latency.ts";
import { Ledger } from "./ledger.ts";
import { safeText } from "./words.ts";

/** A policy for one run. runtime/policy-instance.ts makes these of objects. */
export interface CheckedPolicy {
  ops: PolicyOps;
  state: VisibleState | null;
  attach?(kernel: Kernel): void;
  /** Names of tasks that it may treat in a way of their own. */
  names?(): readonly string[];
  /** What it would need that is not modelled, reached or not. */
  unsupported: readonly Unsupported[];
  /** Called once its run is over. */
  release?(): void;
}

/** Makes a fresh policy for a machine; throws ObjectError where the object can't be. */
export type PolicyFactory = (machine: Pick<Scenario, "topology" | "cgroups">) => CheckedPolicy;

export interface RunOptions {
  /** What the default scheduler gave interactive tasks here; null: not compared. */
  reference?: InteractiveWaits | null;
  /** Watches besides the checks. */
  observer?: Observer;
  /** Events after which the run is given up as inconclusive. */
  eventsMax?: number;
  /** Tasks started after which it is. */
  tasksMax?: number;
}

export interface CheckedRun {
  /** Null where the run did not reach its end. */
  summary: RunSummary | null;
  violations: Violation[];
  readings: Reading[];
  /** Of the interactive tasks. */
  waits: InteractiveWaits;
  /** Why nothing can be said, by name; null where the run counts. */
  inconclusive: string | null;
  /** Events, also of runs that ended early. */
  events: number;
}

const eventsMaxDefault = 5_000_000;
const tasksMaxDefault = 100_000;

export function runChecked(
  scenario: Scenario,
  make: PolicyFactory | null,
  options: RunOptions = {},
): CheckedRun {
  const checkSet = allChecks(scenario, options.reference ?? null);
  const { checks, latency } = checkSet;
  const ledger = new Ledger(scenario, checks);
  const limits = {
    eventsMax: options.eventsMax ?? eventsMaxDefault,
    tasksMax: options.tasksMax ?? tasksMaxDefault,
  };
  const policy = make === null ? null : make(scenario);
  let summary: RunSummary;
  try {
    summary = simulateScenario({
      scenario,
      policy: policy?.ops ?? null,
      state: policy?.state ?? null,
      ...(policy?.attach === undefined ? {} : { attach: (kernel) => policy.attach?.(kernel) }),
      observer: options.observer === undefined ? ledger : both(ledger, options.observer),
      limits,
    });
  } catch (error) {
    return cutShort(error, ledger, checkSet, limits.eventsMax);
  } finally {
    policy?.release?.();
  }
  ledger.finish(summary.endNs);
  const end = { nowNs: ledger.endNs, exit: ledger.exit ?? summary.exit, ledger };
  const violations = [...checks.flatMap((check) => check.finish(end)), ...refusedForks(summary)];
  return {
    summary,
    violations: withoutEchoes(violations),
    readings: checks.flatMap((check) => check.readings()),
    waits: latency.measured(ledger.endNs),
    inconclusive: null,
    events: summary.events,
  };
}

/** No call of the ledger tells of a fork that ended before its task began: the machine counts them. */
function refusedForks({ forksFailed, tasks, exitNs, endNs }: RunSummary): Violation[] {
  if (forksFailed === 0) return [];
  return [
    {
      rule: "runtime-error",
      severity: "error",
      message: `init_task() refused ${forksFailed} of ${tasks.length} tasks: their fork() fails, though the policy goes on.`,
      hint: "Let init_task() return 0 where it can do without what it could not get; size its maps for every task of a machine, and free a task's entry in exit_task().",
      task: null,
      atNs: exitNs < 0 ? endNs : exitNs,
    },
  ];
}

function cutShort(
  error: unknown,
  ledger: Ledger,
  { switching }: CheckSet,
  events: number,
): CheckedRun {
  const none = { summary: null, violations: [], readings: [], waits: new Map(), events };
  if (error instanceof SimulatorLimit) {
    // Where the policy itself used up the limit, that is what can be said of it.
    ledger.finish(ledger.nowNs);
    const violations = switching
      .finish({ nowNs: ledger.endNs, exit: null, ledger })
      .filter(({ severity }) => severity === "error");
    if (violations.length > 0) return { ...none, violations, inconclusive: null };
  }
  if (error instanceof ProgramFault && error.kind !== "unsupported") {
    return { ...none, violations: [faultOf(error, ledger.nowNs)], inconclusive: null };
  }
  const known =
    error instanceof SimulatorLimit ||
    error instanceof ProgramFault ||
    // runtime/ has a class of its own for calls that are not modelled.
    (error instanceof Error && error.name === "UnsupportedCall");
  if (!known) throw error;
  return { ...none, inconclusive: safeText(error.message, 300) };
}

const faultHints: Record<Exclude<ProgramFault["kind"], "unsupported">, string> = {
  "out-of-bounds":
    "Keep indices and pointers within their array, map value or object; test what a lookup returned.",
  "read-only": "Knobs (const volatile) and the kernel's own fields can't be written.",
  "null-store": "Test every pointer from a lookup for NULL before storing through it.",
  "out-of-fuel":
    "End every loop soon: bound it by the number of CPUs or of queued tasks. A callback that runs for long freezes its CPU.",
};

function faultOf(fault: ProgramFault, atNs: number): Violation {
  return {
    rule: "program-fault",
    severity: "error",
    // It names the program and the C line itself (machine/faults.ts).
    message: `${safeText(fault.message, 400)}.`,
    hint: fault.kind === "unsupported" ? "" : faultHints[fault.kind],
    task: null,
    atNs,
  };
}

/**
 * What only follows from something worse in the same run is not said: a CPU idle beside a lost task, and
 * whatever looks odd in a run that the kernel cut short.
 */
function withoutEchoes(violations: Violation[]): Violation[] {
  const errors = new Set(
    violations.filter(({ severity }) => severity === "error").map(({ rule }) => rule),
  );
  const lost = errors.has("lost-task");
  const cut = lost || errors.has("runtime-error") || errors.has("stall");
  return violations.filter(({ rule, severity }) =>
    severity === "error" ? !(lost && rule === "work-conservation") : !cut || rule === "migrations",
  );
}
