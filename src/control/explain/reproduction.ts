// A small scenario for the simulator that does again what a scheduler was ejected over: as few tasks as
// show it, with the names that the dump has. `schedcp simulate POLICY --scenario` replays it; what is not
// in the dump (when who woke) can't be in it either. Pure.

import type { Scenario, Step, TaskSpec } from "../../simulator/scenario/scenario.ts";
import { flatTopology } from "../../simulator/scenario/topology.ts";

export interface Victim {
  /** Its name: a policy may go by it. */
  comm: string;
  pinnedTo: number | null;
}

export type Reproduction =
  /** A task that wakes now and then beside hogs, one pinned, and a kernel thread. */
  | { kind: "mix"; victim: Victim }
  /** A real-time task takes a CPU for longer than any watchdog waits. */
  | { kind: "real-time"; cpu: number; victim: Victim }
  /** Tasks that may use some CPUs only, and change that. */
  | { kind: "affinity"; victim: Victim }
  /** A CPU goes away and comes back. */
  | { kind: "hotplug" };

const ms = 1_000_000;
const second = 1000 * ms;
/** Longer than the longest time-out with its scan (30 s and half of it). */
const durationNs = 50 * second;
const commCharsMax = 15;

export function scenarioOf(reproduction: Reproduction): Scenario {
  const cpus = cpusFor(reproduction);
  return {
    name: `explain-${reproduction.kind}`,
    topology: flatTopology(cpus),
    cgroups: [{ name: "", parent: null, weight: 100 }],
    tasks: tasksOf(reproduction, cpus),
    events: eventsOf(reproduction),
    durationNs,
    seed: 1,
  };
}

/** Two suffice, but a CPU that is named must be there. */
function cpusFor(reproduction: Reproduction): number {
  if (reproduction.kind === "affinity" || reproduction.kind === "hotplug") return 2;
  const named = [reproduction.victim.pinnedTo ?? 0];
  if (reproduction.kind === "real-time") named.push(reproduction.cpu);
  return Math.min(64, Math.max(1, ...named) + 1);
}

function eventsOf(reproduction: Reproduction): Scenario["events"] {
  if (reproduction.kind === "real-time") {
    const cpu = Math.min(63, reproduction.cpu);
    return [{ atNs: second, do: "realtime", cpu, ns: 40 * second }];
  }
  if (reproduction.kind !== "hotplug") return [];
  return [
    { atNs: second, do: "cpu-offline", cpu: 1 },
    { atNs: 2 * second, do: "cpu-online", cpu: 1 },
  ];
}

function tasksOf(reproduction: Reproduction, cpus: number): TaskSpec[] {
  const hogs = task("hog", "hog", { count: cpus, steps: [{ do: "run", ns: 100 * ms }] });
  if (reproduction.kind === "hotplug") return [hogs, sleeper("worker", {})];
  const { comm, pinnedTo } = reproduction.victim;
  const name = printableComm(comm);
  if (reproduction.kind === "affinity") {
    const moves: Step[] = [
      { do: "affinity", cpus: [0] },
      { do: "run", ns: 3 * ms },
      { do: "sleep", ns: 5 * ms },
      { do: "affinity", cpus: [1] },
      { do: "run", ns: 3 * ms },
      { do: "sleep", ns: 5 * ms },
    ];
    return [
      hogs,
      sleeper(name, { cpus: [0] }),
      sleeper("pinned", { cpus: [1] }),
      task("mover", name, { steps: moves }),
    ];
  }
  const cpu = reproduction.kind === "real-time" ? Math.min(63, reproduction.cpu) : null;
  const only = pinnedTo ?? cpu;
  const victim = sleeper(name, {
    cpus: only === null ? null : [Math.min(63, only)],
    kernelThread: /^(?:kworker|ksoftirqd|rcu_|migration|kcompactd|kswapd)/.test(comm),
  });
  if (cpu !== null) return [victim];
  return [
    // Two: some faults need one that waits already.
    { ...victim, count: 2 },
    hogs,
    sleeper("pinned", { cpus: [0] }),
    sleeper("kworker/0:1", { cpus: [0], kernelThread: true }),
  ];
}

function sleeper(comm: string, rest: Partial<TaskSpec>): TaskSpec {
  const steps: Step[] = [
    { do: "run", ns: 2 * ms },
    { do: "sleep", ns: { minNs: 10 * ms, maxNs: 40 * ms } },
  ];
  return task(comm, comm, { steps, ...rest });
}

function task(entry: string, comm: string, rest: Partial<TaskSpec>): TaskSpec {
  return {
    entry,
    comm,
    count: 1,
    startNs: 0,
    nice: 0,
    policy: "normal",
    cpus: null,
    cgroup: 0,
    kernelThread: false,
    steps: [],
    loop: true,
    background: false,
    ...rest,
  };
}

/** The kernel's names have 15 bytes; what a terminal could not show is left out. */
function printableComm(comm: string): string {
  const kept = comm.replace(/[^\x20-\x7e]/g, "").slice(0, commCharsMax);
  return kept === "" ? "worker" : kept;
}
