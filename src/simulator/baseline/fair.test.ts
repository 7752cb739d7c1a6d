// The default scheduler's model: shares follow weights, lag is bounded, wake-ups and balance are sane.

import fc from "fast-check";
import { expect, test } from "vitest";
import { tickNs } from "../core/constants.ts";
import { runMachine } from "../core/event-loop.ts";
import { prepareRun } from "../core/simulate-scenario.ts";
import { runNative } from "../core/testing/run.ts";
import { flatTopology, scenarioOf, taskSpec } from "../core/testing/scenarios.ts";
import { loadWeight } from "../core/weights.ts";
import type { Scenario, TaskSpec } from "../scenario/scenario.ts";
import { baseSliceNs, virtualNs } from "./fair-entity.ts";

const ms = 1_000_000;
const hog = (rest: Partial<TaskSpec> = {}): TaskSpec =>
  taskSpec([{ do: "run", ns: 100_000 * ms }], rest);
const ran = (scenario: Scenario): number[] =>
  runNative(scenario, null).summary.tasks.map((task) => task.ranNs);

test("the base slice grows with the CPUs, up to eight", () => {
  expect([1, 2, 4, 8, 64].map(baseSliceNs)).toEqual([
    700_000, 1_400_000, 2_100_000, 2_800_000, 2_800_000,
  ]);
});

test("on one CPU, shares follow weights within a slice and a tick", () => {
  const nices = fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(nices, (list) => {
      const durationNs = 20_000 * ms;
      const times = ran(
        scenarioOf(
          1,
          list.map((nice) => hog({ nice })),
          { durationNs },
        ),
      );
      const weights = list.map((nice) => loadWeight(nice, 0));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const used = times.reduce((sum, time) => sum + time, 0);
      times.forEach((time, index) => {
        const share = (used * (weights[index] as number)) / total;
        // At most a slice and two ticks of lag, and a switch's cost a turn.
        expect(Math.abs(time - share)).toBeLessThan(3 * tickNs + used * 0.002);
      });
    }),
    { numRuns: 15 },
  );
});

test("lag stays within a slice and three ticks of each entity's virtual time", () => {
  const nices = fc.array(fc.integer({ min: -20, max: 19 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(nices, (list) => {
      const scenario = scenarioOf(
        1,
        list.map((nice) => hog({ nice })),
        { durationNs: 2_000 * ms },
      );
      const { machine, starts } = prepareRun({ scenario, policy: null, state: null });
      runMachine(machine, starts, () => {
        const queue = machine.cpu(0).fair;
        for (const { fair: entity } of machine.tasks) {
          if (entity === null || !entity.onRq || entity === queue.current) continue;
          const lag = queue.averageV() - entity.vruntime;
          const limit = virtualNs(queue.sliceNs + 3 * tickNs, entity.weight);
          if (Math.abs(lag) > limit) throw new Error(`lag ${lag} of weight ${entity.weight}`);
        }
      });
    }),
    { numRuns: 15 },
  );
});

test("cgroups share by their weights, whatever the number of tasks in them", () => {
  const scenario = scenarioOf(1, [hog({ cgroup: 1, count: 4 }), hog({ cgroup: 2 })], {
    durationNs: 8_000 * ms,
    cgroups: [
      { name: "/", parent: null, weight: 100 },
      { name: "/a", parent: 0, weight: 100 },
      { name: "/b", parent: 0, weight: 300 },
    ],
  });
  const times = ran(scenario);
  const groupA = times.slice(0, 4).reduce((sum, time) => sum + time, 0);
  expect(groupA / 8_000 / ms).toBeCloseTo(0.25, 1);
  expect((times[4] as number) / 8_000 / ms).toBeCloseTo(0.75, 1);
  for (const time of times.slice(0, 4)) expect(time / groupA).toBeCloseTo(0.25, 1);
});

test("SCHED_IDLE gets what is left, and gives way at once", () => {
  const scenario = scenarioOf(
    1,
    [
      hog({ policy: "idle" }),
      taskSpec(
        [
          { do: "run", ns: 2 * ms },
          { do: "sleep", ns: 8 * ms },
        ],
        { loop: true, background: true },
      ),
    ],
    { durationNs: 1_000 * ms },
  );
  const { summary } = runNative(scenario, null);
  // It is owed its weight of 3 in the end, and then keeps the CPU until a tick.
  expect(summary.tasks[1]?.waitedMaxNs).toBeLessThan(5 * ms);
  expect((summary.tasks[1]?.waitedNs ?? 0) / (summary.tasks[1]?.runs ?? 1)).toBeLessThan(ms / 5);
  expect((summary.tasks[0]?.ranNs ?? 0) / ms).toBeGreaterThan(750);
});

test("a light sleeper is served soon among hogs: a wake-up preempts who has no more to claim", () => {
  const scenario = scenarioOf(
    1,
    [
      hog({ count: 3 }),
      taskSpec(
        [
          { do: "run", ns: 200_000 },
          { do: "sleep", ns: 10 * ms },
        ],
        { loop: true, background: true },
      ),
    ],
    { durationNs: 4_000 * ms },
  );
  const sleeper = runNative(scenario, null).summary.tasks[3];
  expect((sleeper?.waitedNs ?? 0) / (sleeper?.runs ?? 1)).toBeLessThan(4 * ms);
  expect(sleeper?.waitedMaxNs).toBeLessThan(20 * ms);
});

test("forks spread over idle CPUs, and an idle CPU pulls what waits elsewhere", () => {
  const spread = runNative(
    scenarioOf(4, [taskSpec([{ do: "run", ns: 20 * ms }], { count: 4 })]),
    null,
  );
  expect(spread.summary.makespanNs).toBeLessThan(21 * ms);
  const pulled = runNative(
    scenarioOf(2, [
      taskSpec([{ do: "run", ns: 100 * ms }], { count: 2, cpus: [0] }),
      taskSpec(
        [
          { do: "run", ns: 10 * ms },
          { do: "affinity", cpus: [0, 1] },
          { do: "run", ns: 100 * ms },
        ],
        {
          count: 2,
          cpus: [0],
        },
      ),
    ]),
    null,
  );
  expect(pulled.summary.cpus[1]?.busyNs).toBeGreaterThan(150 * ms);
});

test("a waker and its wakee keep to one LLC", () => {
  const topology = { ...flatTopology(8), llcOf: [0, 0, 0, 0, 1, 1, 1, 1] };
  const pair = scenarioOf(
    8,
    [
      taskSpec([
        {
          do: "repeat",
          times: 200,
          steps: [
            { do: "run", ns: 50_000 },
            { do: "signal", channel: 0, sync: true },
            { do: "wait", channel: 1 },
          ],
        },
      ]),
      taskSpec([
        {
          do: "repeat",
          times: 200,
          steps: [
            { do: "wait", channel: 0 },
            { do: "run", ns: 50_000 },
            { do: "signal", channel: 1, sync: true },
          ],
        },
      ]),
    ],
    { topology },
  );
  const llcs = new Set<number>();
  const { summary } = runNative(pair, null, {
    running: (now, _task, cpu) => {
      if (now > ms) llcs.add(topology.llcOf[cpu] as number);
    },
  });
  expect(summary.finished).toBe(true);
  expect(llcs.size).toBe(1);
});
