// fast-check's arbitrary of small scenarios: few tasks, CPUs and steps, so that what it finds is easy to
// read, and shrinks by itself. Called by search.ts.

import type * as FastCheck from "fast-check";
import { rootCgroup } from "../scenario/family.ts";
import type { Scenario, Step, TaskPolicy, TaskSpec } from "../scenario/scenario.ts";
import { flatTopology, llcTopology } from "../scenario/topology.ts";

const comms = ["task", "systemd", "kworker/0:1", "java", "postgres", "chrome", "bash", "cc1plus"];

export function smallScenarios(fc: typeof FastCheck, seed: number): FastCheck.Arbitrary<Scenario> {
  const shortNs = fc.constantFrom(200_000, 1_000_000, 5_000_000, 30_000_000);
  const step: FastCheck.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: shortNs.map((ns): Step => ({ do: "run", ns })) },
    { weight: 3, arbitrary: shortNs.map((ns): Step => ({ do: "sleep", ns })) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "yield" }) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -10, max: 10 }).map((nice): Step => ({ do: "nice", nice })),
    },
    { weight: 1, arbitrary: fc.constantFrom(...comms).map((comm): Step => ({ do: "exec", comm })) },
  );
  const steps = fc.oneof(
    // Wants a CPU all the time.
    { weight: 2, arbitrary: fc.constant<Step[]>([{ do: "run", ns: 3_600_000_000_000 }]) },
    {
      weight: 3,
      arbitrary: fc
        .array(step, { minLength: 1, maxLength: 4 })
        // A loop that takes no time would end only at a limit of the simulator.
        .map((list): Step[] => [{ do: "run", ns: 1_000_000 }, ...oneNice(list)]),
    },
  );
  const spec = fc
    .record({
      comm: fc.constantFrom(...comms),
      count: fc.integer({ min: 1, max: 4 }),
      nice: fc.oneof(fc.constant(0), fc.integer({ min: -10, max: 10 })),
      policy: fc.constantFrom<TaskPolicy>("normal", "normal", "normal", "batch", "idle"),
      pin: fc.option(fc.nat({ max: 3 }), { freq: 3 }),
      kernelThread: fc.boolean(),
      steps,
    })
    .map(({ pin, ...rest }) => ({ ...rest, pin }));
  return fc
    .record({
      caches: fc.integer({ min: 1, max: 2 }),
      cpusEach: fc.integer({ min: 1, max: 2 }),
      specs: fc.array(spec, { minLength: 1, maxLength: 4 }),
      // Most runs are short; some are long enough for a wait to be called starvation.
      durationNs: fc.oneof(
        { weight: 5, arbitrary: fc.constant(600_000_000) },
        { weight: 1, arbitrary: fc.constant(17_000_000_000) },
      ),
    })
    .map(({ caches, cpusEach, specs, durationNs }) => {
      const cpus = caches * cpusEach;
      const tasks = specs.map(
        ({ pin, ...rest }): TaskSpec => ({
          entry: rest.comm,
          startNs: 0,
          cpus: pin === null ? null : [pin % cpus],
          cgroup: 0,
          loop: true,
          background: false,
          ...rest,
          // A kernel thread that never sleeps is broken, and to serve those at once is common and sound.
          kernelThread: rest.kernelThread && sleepsMost(rest.steps),
        }),
      );
      return {
        name: "search",
        topology: caches === 1 ? flatTopology(cpus) : llcTopology(caches, cpusEach),
        cgroups: [rootCgroup],
        tasks,
        events: [],
        durationNs,
        seed,
      };
    });
}

/**
 * A task that changes its nice level every few ms gets a new slice each time and keeps its CPU under any
 * policy that gives slices in enqueue: sched_change_end() puts back whoever ran.
 */
function oneNice(steps: readonly Step[]): Step[] {
  const first = steps.findIndex((step) => step.do === "nice");
  return steps.filter((step, index) => step.do !== "nice" || index === first);
}

function sleepsMost(steps: readonly Step[]): boolean {
  const total = (what: "run" | "sleep") =>
    steps.reduce(
      (sum, step) => sum + (step.do === what && typeof step.ns === "number" ? step.ns : 0),
      0,
    );
  return total("sleep") >= total("run");
}
