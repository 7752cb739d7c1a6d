// Random scenarios for property tests: small machines, every kind of step and of machine event.

import fc from "fast-check";
import type { MachineEvent, Scenario, Step, Topology } from "../../scenario/scenario.ts";
import { scenarioOf, taskSpec } from "./scenarios.ts";

const duration = fc.oneof(
  fc.integer({ min: 1, max: 6_000_000 }),
  fc
    .tuple(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 8_000_000 }))
    .map(([minNs, more]) => ({ minNs, maxNs: minNs + more })),
);

function step(cpus: number, cgroups: number): fc.Arbitrary<Step> {
  const some = fc
    .uniqueArray(fc.nat(cpus - 1), { minLength: 1, maxLength: cpus })
    .map((list) => list.sort((a, b) => a - b));
  return fc.oneof(
    { weight: 6, arbitrary: duration.map((ns): Step => ({ do: "run", ns })) },
    { weight: 3, arbitrary: duration.map((ns): Step => ({ do: "sleep", ns })) },
    { weight: 1, arbitrary: fc.nat(2).map((channel): Step => ({ do: "wait", channel })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.boolean())
        .map(([channel, count, sync]): Step => ({ do: "signal", channel, count, sync })),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "fork", task: 0 }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "join" }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "yield" }) },
    { weight: 1, arbitrary: some.map((list): Step => ({ do: "affinity", cpus: list })) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -20, max: 19 }).map((nice): Step => ({ do: "nice", nice })),
    },
    { weight: 1, arbitrary: fc.nat(cgroups - 1).map((cgroup): Step => ({ do: "cgroup", cgroup })) },
  );
}

function topology(cpus: number, smt: boolean, llcs: number): Topology {
  const all = Array.from({ length: cpus }, (_, cpu) => cpu);
  const llcOf = all.map((cpu) => Math.floor((cpu * llcs) / cpus));
  return {
    llcOf,
    coreOf: all.map((cpu) => (smt ? cpu >> 1 : cpu)),
    nodeOf: llcOf,
    capacityOf: all.map((cpu) => (cpu % 3 === 2 ? 512 : 1024)),
  };
}

/** Forked children are of spec 0, which forks nothing: the number of tasks stays small. */
export const randomScenario: fc.Arbitrary<Scenario> = fc
  .record({
    cpus: fc.integer({ min: 1, max: 6 }),
    smt: fc.boolean(),
    llcs: fc.integer({ min: 1, max: 2 }),
  })
  .chain(({ cpus, smt, llcs }) => {
    const cgroups = 3;
    const steps = fc.array(step(cpus, cgroups), { minLength: 1, maxLength: 8 });
    const spec = fc.record({
      steps,
      count: fc.integer({ min: 1, max: 4 }),
      nice: fc.integer({ min: -20, max: 19 }),
      policy: fc.constantFrom("normal", "batch", "idle", "ext"),
      bound: fc.option(fc.nat(cpus - 1)),
      startNs: fc.nat(4_000_000),
      times: fc.integer({ min: 1, max: 4 }),
      kernelThread: fc.boolean(),
      cgroup: fc.nat(cgroups - 1),
    });
    const at = fc.nat(40_000_000);
    const event: fc.Arbitrary<MachineEvent> = fc.oneof(
      fc.record({
        atNs: at,
        do: fc.constantFrom("cpu-offline" as const, "cpu-online" as const),
        cpu: fc.nat(cpus - 1),
      }),
      fc.record({
        atNs: at,
        do: fc.constant("realtime" as const),
        cpu: fc.nat(cpus - 1),
        ns: fc.integer({ min: 1, max: 30_000_000 }),
      }),
      fc.record({
        atNs: at,
        do: fc.constant("nice" as const),
        task: fc.nat(2),
        nice: fc.integer({ min: -20, max: 19 }),
      }),
      fc.record({
        atNs: at,
        do: fc.constant("affinity" as const),
        task: fc.nat(2),
        cpus: fc.nat(cpus - 1).map((cpu) => [cpu]),
      }),
      fc.record({
        atNs: at,
        do: fc.constant("cgroup-weight" as const),
        cgroup: fc.constant(1),
        weight: fc.integer({ min: 1, max: 10_000 }),
      }),
    );
    return fc
      .record({
        specs: fc.array(spec, { minLength: 1, maxLength: 5 }),
        events: fc.array(event, { maxLength: 6 }),
        seed: fc.nat(),
      })
      .map(({ specs, events, seed }) =>
        scenarioOf(
          cpus,
          [
            taskSpec([{ do: "run", ns: 300_000 }], { count: 0, comm: "child" }),
            ...specs.map((facts) =>
              taskSpec([{ do: "repeat", times: facts.times, steps: facts.steps }], {
                count: facts.count,
                nice: facts.nice,
                policy: facts.policy as "normal",
                cpus: facts.bound === null ? null : [facts.bound],
                startNs: facts.kernelThread ? 0 : facts.startNs,
                kernelThread: facts.kernelThread,
                cgroup: facts.cgroup,
              }),
            ),
          ],
          {
            topology: topology(cpus, smt, llcs),
            events,
            seed,
            durationNs: 60_000_000,
            cgroups: [
              { name: "/", parent: null, weight: 100 },
              { name: "/a", parent: 0, weight: 200 },
              { name: "/a/b", parent: 1, weight: 50 },
            ],
          },
        ),
      );
  });
