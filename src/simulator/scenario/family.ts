// What a family of adversarial scenarios is, and the words that families are written in. The families
// themselves are in families/, their list in suite-families.ts.

import type { CgroupSpec, Duration, Scenario, Step, TaskSpec, Topology } from "./scenario.ts";

export interface FamilySize {
  /** The machine to run it on; null: the family's own, chosen to be cheap and telling. */
  topology: Topology | null;
  /** Multiplies numbers of tasks; 1 is what the suite runs. */
  scale: number;
}

export const suiteSize: FamilySize = { topology: null, scale: 1 };

export interface Family {
  name: string;
  /** What a policy would do wrong here: one sentence. */
  purpose: string;
  make(seed: number, size: FamilySize): Scenario;
  /** Its interactive tasks' waits are held against the default scheduler's, which costs a second run. */
  comparesLatency?: boolean;
}

export const us = (value: number): number => value * 1_000;
export const ms = (value: number): number => value * 1_000_000;
export const seconds = (value: number): number => value * 1_000_000_000;

/** From half to one and a half times the mean, drawn at every step. */
export function around(meanNs: number): Duration {
  return { minNs: Math.round(meanNs / 2), maxNs: Math.round(meanNs * 1.5) };
}

export const run = (ns: Duration): Step => ({ do: "run", ns });
export const sleep = (ns: Duration): Step => ({ do: "sleep", ns });
export const repeat = (times: number, steps: Step[]): Step => ({ do: "repeat", times, steps });

/** A task of nice 0 on every CPU that does its steps once, from the start. */
export function task(entry: string, steps: Step[], rest: Partial<TaskSpec> = {}): TaskSpec {
  return {
    entry,
    comm: entry.slice(0, 15),
    count: 1,
    startNs: 0,
    nice: 0,
    policy: "normal",
    cpus: null,
    cgroup: 0,
    kernelThread: false,
    steps,
    loop: false,
    background: false,
    ...rest,
  };
}

/** Wants a CPU for as long as the scenario lasts. */
export function hog(entry: string, rest: Partial<TaskSpec> = {}): TaskSpec {
  return task(entry, [run(seconds(3600))], { loop: true, ...rest });
}

/** Runs briefly, sleeps, and so on for as long as the scenario lasts. */
export function sleeper(
  entry: string,
  runNs: Duration,
  sleepNs: Duration,
  rest: Partial<TaskSpec> = {},
): TaskSpec {
  return task(entry, [run(runNs), sleep(sleepNs)], { loop: true, ...rest });
}

export const rootCgroup: CgroupSpec = { name: "", parent: null, weight: 100 };

export type ScenarioParts = Pick<Scenario, "name" | "topology" | "tasks" | "durationNs" | "seed"> &
  Partial<Scenario>;

export function scenario(parts: ScenarioParts): Scenario {
  return { cgroups: [rootCgroup], events: [], ...parts };
}

export function cpuCount(topology: Topology): number {
  return topology.llcOf.length;
}

/** At least one; scaled counts stay below what a suite can run. */
export function scaled(count: number, size: FamilySize): number {
  return Math.max(1, Math.min(100_000, Math.round(count * size.scale)));
}
