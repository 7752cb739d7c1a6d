// A scenario from a workload file, with what analysis learnt of it where it did. Called by simulate.
//
// Without a profile nothing is known of what the commands do: each is taken for CPU-bound, with the CPU
// time that the caller states. With one, a process of an entry runs and sleeps in turns such that CPU
// time, lifetime (less what it waited) and voluntary switches come out as profiled.

import { SchedcpError } from "../../contract/errors.ts";
import type { EntryProfile, WorkloadProfile } from "../../contract/profile.ts";
import type { Workload } from "../../contract/workload.ts";
import { cpuCount, repeat, rootCgroup, run, scenario, sleep, task } from "./family.ts";
import type { CgroupSpec, Duration, Scenario, Step, TaskSpec, Topology } from "./scenario.ts";
import { systemTasks } from "./system-tasks.ts";

export interface WorkloadScenarioOptions {
  topology: Topology;
  seed: number;
  profile: WorkloadProfile | null;
  /** CPU time of one process of an entry, ms, where there is no profile of it. */
  cpuMsByEntry?: ReadonlyMap<string, number>;
  /** Kernel threads and daemons of an ordinary machine run beside it. */
  systemTasks?: boolean;
}

/** Where nothing is known: as long as an ordinary short command. */
const cpuMsDefault = 100;
/** Turns of run and sleep of one process; more become longer ones. */
const turnsMax = 20_000;
const threadsMax = 64;
const cpuMsMax = 3_600_000;

export interface WorkloadScenario {
  scenario: Scenario;
  /** Entry → cgroup index: each entry runs in a group of its own, as on a node. */
  cgroupOfEntry: ReadonlyMap<string, number>;
  /** Entries whose behaviour was assumed, not profiled. */
  assumed: string[];
}

/** Throws `workload-invalid` where a profile is of another workload, `parameter-invalid` for an absurd time. */
export function scenarioOfWorkload(
  workload: Workload,
  options: WorkloadScenarioOptions,
): WorkloadScenario {
  const { profile, topology } = options;
  if (profile !== null && profile.workload !== workload.name) {
    throw new SchedcpError(
      "workload-invalid",
      `the profile is of ${profile.workload}, not of ${workload.name}`,
      { hint: "Profile this workload, or leave the profile out." },
    );
  }
  const cgroups: CgroupSpec[] = [rootCgroup];
  const cgroupOfEntry = new Map<string, number>();
  const assumed: string[] = [];
  const tasks: TaskSpec[] = [];
  for (const entry of workload.run) {
    const cgroup = cgroups.length;
    cgroups.push({ name: entry.name, parent: 0, weight: 100 });
    cgroupOfEntry.set(entry.name, cgroup);
    const known = profile?.entries.find(({ name }) => name === entry.name);
    if (known === undefined) assumed.push(entry.name);
    const behaviour =
      known === undefined
        ? { steps: [run(nsOf(options.cpuMsByEntry?.get(entry.name) ?? cpuMsDefault))], threads: 1 }
        : behaviourOf(known);
    tasks.push(
      task(entry.name, behaviour.steps, {
        count: entry.count * behaviour.threads,
        cgroup,
        background: entry.background,
        loop: entry.background,
      }),
    );
  }
  if (options.systemTasks === true) tasks.push(...systemTasks(cpuCount(topology)));
  const longestMs = Math.max(...tasks.filter((spec) => !spec.background).map(lengthMs), 1);
  const workMs = tasks
    .filter((spec) => !spec.background)
    .reduce((sum, spec) => sum + spec.count * cpuMs(spec.steps), 0);
  return {
    scenario: scenario({
      name: workload.name,
      topology,
      cgroups,
      tasks,
      // Room for a policy four times slower than one CPU's fair part of everything.
      durationNs: Math.round((4 * (workMs / cpuCount(topology) + longestMs) + 1000) * 1e6),
      seed: options.seed,
    }),
    cgroupOfEntry,
    assumed,
  };
}

function behaviourOf(entry: EntryProfile): { steps: Step[]; threads: number } {
  // More CPU time than lifetime: so many threads at once.
  const threads = Math.min(threadsMax, Math.max(1, Math.ceil(entry.cpuShare - 0.1)));
  const cpuNs = nsOf(entry.cpuMs) / threads;
  const sleepNs = Math.max(0, (entry.lifetimeMs - entry.waitMs) * 1e6 - cpuNs);
  const voluntary =
    (entry.switchesPerSecond * entry.voluntaryShare * entry.lifetimeMs) / 1000 / threads;
  const turns = Math.max(0, Math.min(turnsMax, Math.round(voluntary)));
  // Less than 1 ms of sleep in all is start-up noise, not behaviour.
  if (turns === 0 || sleepNs < 1e6) return { steps: [run(Math.round(cpuNs))], threads };
  const each = [run(spread(cpuNs / turns)), sleep(spread(sleepNs / turns))];
  return { steps: [repeat(turns, each)], threads };
}

/** Half to one and a half of the mean: regular turns would march in step. */
function spread(meanNs: number): Duration {
  const mean = Math.max(1000, Math.round(meanNs));
  return { minNs: Math.round(mean / 2), maxNs: Math.round(mean * 1.5) };
}

function nsOf(milliseconds: number): number {
  if (!Number.isFinite(milliseconds) || milliseconds < 0 || milliseconds > cpuMsMax) {
    throw new SchedcpError(
      "parameter-invalid",
      `${milliseconds} ms of CPU time can't be simulated`,
      {
        hint: `Give a number from 0 to ${cpuMsMax} ms.`,
      },
    );
  }
  return Math.max(1000, Math.round(milliseconds * 1e6));
}

const mean = (ns: Duration): number => (typeof ns === "number" ? ns : (ns.minNs + ns.maxNs) / 2);

function stepsMs(steps: readonly Step[], counts: (step: Step) => number): number {
  return steps.reduce(
    (sum, step) =>
      sum + (step.do === "repeat" ? step.times * stepsMs(step.steps, counts) : counts(step)),
    0,
  );
}

function cpuMs(steps: readonly Step[]): number {
  return stepsMs(steps, (step) => (step.do === "run" ? mean(step.ns) / 1e6 : 0));
}

function lengthMs(spec: TaskSpec): number {
  const takes = (step: Step) =>
    step.do === "run" || step.do === "sleep" ? mean(step.ns) / 1e6 : 0;
  return stepsMs(spec.steps, takes);
}
