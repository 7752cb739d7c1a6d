// Which task had been kept waiting when the watchdog ejected a scheduler, and what its CPUs were doing:
// read off the dump. Pure; stall.ts judges it.

import type { DumpedCpu, DumpedTask, ExitReport } from "./exit-report.ts";
import type { Victim } from "./reproduction.ts";

/** Built-in queues: SCX_DSQ_FLAG_BUILTIN and the ids of enum scx_dsq_id_flags. */
export const globalDsq = (1n << 63n) | 1n;
export const localDsq = (1n << 63n) | 2n;
/** SCX_SLICE_INF: all ones. */
export const endlessSlice = (1n << 64n) - 1n;

export interface StalledTask {
  task: DumpedTask;
  /** The CPU on whose run queue it waits. */
  on: DumpedCpu;
  /** CPUs that it may use, as far as they are known. */
  allowed: readonly number[];
  /** Of those: taken by a class above sched_ext. */
  taken: DumpedCpu[];
  /** Of those: idle, or not in the dump, which leaves out what idles and has nothing to run. */
  idle: number[];
  /** May use one CPU only. */
  pinned: boolean;
}

/** `victim[160] failed to run for 2.316s` (check_rq_for_timeouts()). */
const namedPattern = /^(.{1,40})\[(\d{1,10})\] failed to run for (\d{1,9}\.\d{3})s$/;

export function namedTask(message: string): { comm: string; pid: number; seconds: string } | null {
  const found = namedPattern.exec(message);
  if (found === null) return null;
  return { comm: found[1] ?? "", pid: Number(found[2]), seconds: found[3] ?? "" };
}

/** The named one, or else the one that had waited longest; null where the dump has neither. */
export function findStalledTask(report: ExitReport, message: string): StalledTask | null {
  const named = namedTask(message);
  let found: { task: DumpedTask; on: DumpedCpu } | null = null;
  for (const on of report.cpus) {
    for (const task of on.tasks) {
      if (task.current) continue;
      if (named !== null && task.pid === named.pid) return describe(report, task, on);
      if (found === null || task.waitedMs > found.task.waitedMs) found = { task, on };
    }
  }
  return found === null ? null : describe(report, found.task, found.on);
}

function describe(report: ExitReport, task: DumpedTask, on: DumpedCpu): StalledTask {
  const allowed = task.cpus ?? [on.cpu];
  const dumped = new Map(report.cpus.map((cpu) => [cpu.cpu, cpu]));
  const taken: DumpedCpu[] = [];
  const idle: number[] = [];
  for (const number of allowed) {
    const cpu = dumped.get(number);
    if (cpu !== undefined && isAbove(cpu)) taken.push(cpu);
    // What was cut off may have been anything.
    else if (cpu === undefined ? !report.truncated : cpu.currentClass === "idle_sched_class") {
      idle.push(number);
    }
  }
  return { task, on, allowed, taken, idle, pinned: task.cpus?.length === 1 };
}

/**
 * Stop, deadline and real-time tasks run whenever they want to; sched_ext gets what they leave. The kernel's
 * own helper that takes a scheduler away is real-time, too, and says nothing.
 */
export function isAbove({ currentClass, currentComm }: DumpedCpu): boolean {
  return /^(?:rt|dl|stop)_sched_class$/.test(currentClass) && !currentComm.startsWith("sched_ext");
}

/**
 * Whether what a higher class left was too little for this task in any case: it waited for those CPUs only.
 * One that is in the policy's hands may also have been forgotten there: then others must suffer with it.
 */
export function isTiedToTaken(report: ExitReport, stalled: StalledTask): boolean {
  const { task, on, allowed, taken } = stalled;
  if (task.dsq === localDsq && isAbove(on)) return true;
  if (allowed.length === 0 || taken.length < allowed.length) return false;
  return (
    !task.ownedByPolicy || fellowSufferers(report, stalled).some((each) => !each.ownedByPolicy)
  );
}

/** Others that had waited at least half as long. */
export function fellowSufferers(report: ExitReport, { task }: StalledTask): DumpedTask[] {
  return report.cpus
    .flatMap((cpu) => cpu.tasks)
    .filter((each) => !each.current && each.pid !== task.pid && each.waitedMs * 2 >= task.waitedMs);
}

/** For a scenario: its name, and its CPU where it has one only. */
export function victimOf({ task, pinned, allowed }: StalledTask): Victim {
  return { comm: task.comm, pinnedTo: pinned ? (allowed[0] ?? 0) : null };
}
