// Scenarios in short form, for the core's own tests and benchmarks.

import type { CgroupSpec, Scenario, Step, TaskSpec, Topology } from "../../scenario/scenario.ts";

export function flatTopology(cpus: number): Topology {
  const all = Array.from({ length: cpus }, (_, cpu) => cpu);
  return {
    llcOf: all.map(() => 0),
    coreOf: all,
    nodeOf: all.map(() => 0),
    capacityOf: all.map(() => 1024),
  };
}

export function taskSpec(steps: Step[], rest: Partial<TaskSpec> = {}): TaskSpec {
  return {
    entry: "work",
    comm: "work",
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

export const rootCgroup: CgroupSpec = { name: "/", parent: null, weight: 100 };

export function scenarioOf(
  cpus: number,
  tasks: TaskSpec[],
  rest: Partial<Scenario> = {},
): Scenario {
  return {
    name: "test",
    topology: flatTopology(cpus),
    cgroups: [rootCgroup],
    tasks,
    events: [],
    durationNs: 10_000_000_000,
    seed: 1,
    ...rest,
  };
}
