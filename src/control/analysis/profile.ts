// The first form of workload analysis: one run under the kernel's default scheduler, read into a
// WorkloadProfile. `profileWorkload` runs; `profileOf` is pure. Called by the control plane.

import type { Environment, TaskSample } from "../../contract/measurement.ts";
import type { Progress } from "../../contract/node.ts";
import type { RunReport } from "../../contract/node-protocol.ts";
import type { EntryProfile, WorkloadProfile } from "../../contract/profile.ts";
import type { Workload } from "../../contract/workload.ts";
import { nodeRequest } from "../deployment/arm.ts";
import { ArmSeries, type ArmSeriesInput } from "../deployment/arm-series.ts";
import { median } from "../deployment/statistics.ts";
import { foregroundTasks } from "./metrics.ts";
import { profileSummary } from "./profile-summary.ts";
import { kindOf } from "./workload-kind.ts";

export interface ProfileInput extends ArmSeriesInput {
  workloadSha256: string;
  progress?: Progress;
}

/**
 * Prepares the node, warms it up, runs once. Progress of step `profile` begins when the node is
 * ready, so that from then on a caller can time what one arm takes. Throws as `measure` does.
 */
export async function profileWorkload(input: ProfileInput): Promise<WorkloadProfile> {
  const progress = input.progress ?? (() => undefined);
  await input.nodes.prepare(nodeRequest(input.workload), progress, input.signal);
  progress({
    step: "profile",
    message: `${input.workload.name}: one run under the default scheduler`,
    fraction: 0,
  });
  const { outcome } = await new ArmSeries(input).runDefault();
  const profile = profileOf({ ...input, report: outcome.report, environment: outcome.environment });
  progress({ step: "profile", message: profile.summary, fraction: 1 });
  return profile;
}

export function profileOf(run: {
  workload: Workload;
  workloadSha256: string;
  environment: Environment;
  report: RunReport;
}): WorkloadProfile {
  const { workload, environment, report } = run;
  const makespanMs = Math.max(...foregroundTasks(report.tasks, workload).map((task) => task.endMs));
  const entries = workload.run.flatMap((entry): EntryProfile[] => {
    const tasks = report.tasks.filter((task) => task.entry === entry.name);
    return tasks.length === 0 ? [] : [entryProfile(entry, tasks)];
  });
  const cpuMs = sum(report.tasks.map(cpuTimeMs));
  const measured = {
    makespanMs,
    entries,
    utilisation: makespanMs > 0 ? cpuMs / (makespanMs * environment.cpus) : 0,
    imbalance: imbalance(entries),
    contextSwitchesPerSecond:
      makespanMs > 0 ? report.counters.contextSwitches / (makespanMs / 1000) : 0,
    oversubscription: sum(entries.map(demand)) / environment.cpus,
  };
  const profile = {
    workload: workload.name,
    workloadSha256: run.workloadSha256,
    environment,
    ...measured,
    kind: kindOf({ ...measured, cpus: environment.cpus }),
  };
  return { ...profile, summary: profileSummary(profile) };
}

function entryProfile(entry: Workload["run"][number], tasks: readonly TaskSample[]): EntryProfile {
  const medianOf = (figure: (task: TaskSample) => number) => median(tasks.map(figure));
  return {
    name: entry.name,
    count: tasks.length,
    background: entry.background,
    lifetimeMs: medianOf(lifetimeMs),
    cpuMs: medianOf(cpuTimeMs),
    cpuShare: medianOf((task) => cpuTimeMs(task) / lifetimeMs(task)),
    waitMs: medianOf((task) => task.waitMs),
    switchesPerSecond: medianOf((task) => switches(task) / (lifetimeMs(task) / 1000)),
    voluntaryShare: medianOf((task) =>
      switches(task) === 0 ? 0 : task.voluntarySwitches / switches(task),
    ),
  };
}

function cpuTimeMs(task: TaskSample): number {
  return task.userMs + task.systemMs;
}

/** At least a microsecond: a task that ended within the clock's grain has a lifetime too. */
function lifetimeMs(task: TaskSample): number {
  return Math.max(task.endMs - task.startMs, 0.001);
}

function switches(task: TaskSample): number {
  return task.voluntarySwitches + task.involuntarySwitches;
}

function imbalance(entries: readonly EntryProfile[]): number {
  const times = entries.filter((entry) => !entry.background).map((entry) => entry.cpuMs);
  if (times.length === 0) return 1;
  // A time below the accounting's grain (1 ms) would make any job look endless beside it.
  return Math.max(...times, 1) / Math.max(Math.min(...times), 1);
}

/**
 * CPUs that the entry's processes would use together if nobody were in their way. One that mostly
 * leaves the CPU against its will wants it all the time. (The wait alone does not tell: the node
 * sees that of the main thread only, and a shell's waits for its child.)
 */
function demand(entry: EntryProfile): number {
  const runnableShare = Math.min((entry.cpuMs + entry.waitMs) / entry.lifetimeMs, 1);
  const hog = entry.switchesPerSecond > 0 && entry.voluntaryShare < 0.5 ? 1 : 0;
  return entry.count * Math.max(entry.cpuShare, runnableShare, hog);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
