// The task sets that run both in a guest and in the simulator: few tasks, under a second. Task 0 is the
// process that forks all others, lets them start together and waits for them; nothing is said of it
// otherwise. Names begin with `f-`, by which a recording policy knows them.

import type {
  Scenario,
  Step,
  TaskPolicy,
  TaskSpec,
} from "../../src/simulator/scenario/scenario.ts";

const ms = 1_000_000;
/** Channel that everybody waits at for the common start. */
const start = 0;

interface Part {
  comm: string;
  count: number;
  steps: Step[];
}

const run = (ns: number): Step => ({ do: "run", ns });
const sleep = (ns: number): Step => ({ do: "sleep", ns });
const repeat = (times: number, ...steps: Step[]): Step => ({ do: "repeat", times, steps });

function spec(comm: string, count: number, steps: Step[], policy: TaskPolicy): TaskSpec {
  return {
    entry: comm,
    comm,
    count,
    startNs: 0,
    nice: 0,
    policy,
    cpus: null,
    cgroup: 0,
    kernelThread: false,
    steps,
    loop: false,
    background: false,
  };
}

function scenario(name: string, parts: Part[], policy: TaskPolicy = "normal"): Scenario {
  const tasks = parts.map(({ comm, steps }) => ({
    // A forked process has its parent's name until it takes its own.
    ...spec("f-main", 0, [{ do: "exec", comm }, { do: "wait", channel: start }, ...steps], policy),
    entry: comm,
  }));
  const forks = parts.flatMap(({ count }, index): Step[] =>
    Array.from({ length: count }, () => ({ do: "fork", task: index + 1 })),
  );
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const main = spec(
    "f-main",
    1,
    // A moment for the last of them to reach the start.
    [...forks, sleep(5 * ms), { do: "signal", channel: start, count }, { do: "join" }],
    policy,
  );
  return {
    name,
    topology: { llcOf: [0, 0], coreOf: [0, 1], nodeOf: [0, 0], capacityOf: [1024, 1024] },
    cgroups: [{ name: "/", parent: null, weight: 100 }],
    tasks: [main, ...tasks],
    events: [],
    durationNs: 30_000 * ms,
    seed: 1,
  };
}

const hog = (count: number, ns: number): Part => ({ comm: "f-hog", count, steps: [run(ns)] });
const nap: Part = { comm: "f-nap", count: 2, steps: [repeat(8, run(ms), sleep(12 * ms))] };
/** Through a pipe, whose wake-ups are synchronous. */
const pipeline: Part[] = [
  {
    comm: "f-give",
    count: 1,
    steps: [repeat(12, run(2 * ms), { do: "signal", channel: 1, sync: true }, sleep(3 * ms))],
  },
  { comm: "f-take", count: 1, steps: [repeat(12, { do: "wait", channel: 1 }, run(2 * ms))] },
];

export const scenarios = {
  /** Hogs, sleepers and a pipeline: more work than the two CPUs have time for. */
  mixed: scenario("mixed", [hog(3, 120 * ms), nap, ...pipeline]),
  /** The same as tasks of policy SCHED_EXT. */
  ext: scenario("ext", [hog(3, 120 * ms), nap, ...pipeline], "ext"),
  /** Fewer tasks than CPUs. */
  calm: scenario("calm", [hog(1, 100 * ms), { ...nap, count: 1 }]),
  /** Only sleepers: CPUs idle most of the time. */
  idle: scenario("idle", [nap]),
  yielders: scenario("yielders", [
    hog(2, 40 * ms),
    { comm: "f-kind", count: 2, steps: [repeat(20, run(2 * ms), { do: "yield" })] },
  ]),
  changes: scenario("changes", [
    hog(2, 60 * ms),
    {
      comm: "f-turn",
      count: 1,
      steps: [
        run(7 * ms),
        { do: "nice", nice: 5 },
        run(7 * ms),
        { do: "affinity", cpus: [0] },
        run(7 * ms),
        { do: "affinity", cpus: [1] },
        run(7 * ms),
        { do: "exec", comm: "f-turned" },
        { do: "affinity", cpus: [0, 1] },
        sleep(5 * ms),
        run(7 * ms),
        { do: "nice", nice: 10 },
        sleep(5 * ms),
        run(7 * ms),
      ],
    },
  ]),
  pinned: scenario("pinned", [
    hog(2, 40 * ms),
    {
      comm: "f-pin",
      count: 1,
      steps: [{ do: "affinity", cpus: [0] }, repeat(5, run(ms), sleep(5 * ms))],
    },
  ]),
} satisfies Record<string, Scenario>;
export type ScenarioName = keyof typeof scenarios;
