import { expect, test } from "vitest";
import { SimulatorLimit } from "../errors.ts";
import type { Step } from "../scenario/scenario.ts";
import { contextSwitchNs, systemCallNs } from "./constants.ts";
import { simulateScenario } from "./simulate-scenario.ts";
import { fifoPolicy } from "./testing/policies.ts";
import { runNative } from "./testing/run.ts";
import { scenarioOf, taskSpec } from "./testing/scenarios.ts";

const ms = 1_000_000;
const run = (ns: number): Step => ({ do: "run", ns });

test("a channel counts: units that nobody waits for are there for the next", () => {
  const scenario = scenarioOf(2, [
    taskSpec([{ do: "signal", channel: 0, count: 3 }, run(ms)]),
    taskSpec(
      [
        { do: "wait", channel: 0 },
        { do: "wait", channel: 0 },
        { do: "wait", channel: 0 },
      ],
      { startNs: 5 * ms },
    ),
    taskSpec([{ do: "wait", channel: 0 }], { startNs: 8 * ms }),
  ]);
  const { summary } = runNative(scenario, (slot) => fifoPolicy(slot));
  expect(summary.tasks[1]?.exitedNs).toBeGreaterThan(5 * ms);
  // The fourth unit never comes.
  expect(summary.tasks[2]?.exitedNs).toBe(-1);
  expect(summary.finished).toBe(false);
  expect(summary.makespanNs).toBe(scenario.durationNs);
});

test("sleepers of a channel are woken first come first served", () => {
  const woken: number[] = [];
  const scenario = scenarioOf(4, [
    taskSpec([{ do: "wait", channel: 0 }], { count: 3 }),
    taskSpec([
      run(ms),
      { do: "signal", channel: 0, count: 2 },
      run(ms),
      { do: "signal", channel: 0 },
    ]),
  ]);
  runNative(scenario, (slot) => fifoPolicy(slot), {
    woken: (_now, task, _cpu, waker) => {
      if (waker >= 0) woken.push(task);
    },
  });
  expect(woken).toEqual([0, 1, 2]);
});

test("join waits for all children, and goes on at the end of the last", () => {
  const scenario = scenarioOf(4, [
    taskSpec([
      { do: "repeat", times: 3, steps: [{ do: "fork", task: 1 }] },
      { do: "join" },
      run(ms),
    ]),
    taskSpec([{ do: "run", ns: { minNs: 2 * ms, maxNs: 6 * ms } }], {
      count: 0,
      comm: "child",
    }),
  ]);
  const { summary } = runNative(scenario, null);
  const children = summary.tasks.filter((task) => task.spec === 1);
  expect(children.map((task) => task.instance)).toEqual([0, 1, 2]);
  const last = Math.max(...children.map((task) => task.exitedNs));
  // The parent is told a moment before its child's last schedule().
  expect(summary.tasks[0]?.exitedNs).toBeGreaterThan(last + 0.99 * ms);
  expect(new Set(children.map((task) => task.ranNs)).size).toBe(3);
});

test("repeats nest, and none is none", () => {
  const scenario = scenarioOf(1, [
    taskSpec([
      {
        do: "repeat",
        times: 3,
        steps: [run(ms), { do: "repeat", times: 2, steps: [run(10 * ms)] }],
      },
      { do: "repeat", times: 0, steps: [run(500 * ms)] },
    ]),
  ]);
  expect(runNative(scenario, null).summary.tasks[0]?.ranNs).toBe(63 * ms);
});

test("a loop goes on until the scenario's end, or the last other task's", () => {
  const scenario = scenarioOf(1, [
    taskSpec([run(ms)], { loop: true, background: true }),
    taskSpec([run(ms)]),
  ]);
  const { summary } = runNative(scenario, (slot) => fifoPolicy(slot));
  expect(summary.finished).toBe(true);
  expect(summary.tasks[0]?.exitedNs).toBe(-1);
  expect(summary.endNs).toBe(summary.tasks[1]?.exitedNs);
});

test("a loop without any run step takes time all the same", () => {
  const scenario = scenarioOf(1, [taskSpec([{ do: "signal", channel: 0 }], { loop: true })], {
    durationNs: ms,
  });
  const { summary } = runNative(scenario, (slot) => fifoPolicy(slot));
  expect(summary.endNs).toBe(ms);
  expect(summary.events).toBeLessThan(100);
});

test("durations are drawn per task: the same under every scheduler", () => {
  const scenario = scenarioOf(2, [
    taskSpec(
      [{ do: "repeat", times: 9, steps: [{ do: "run", ns: { minNs: 1, maxNs: 5 * ms } }] }],
      { count: 5 },
    ),
  ]);
  const ran = (make: Parameters<typeof runNative>[1]): number[] =>
    runNative(scenario, make).summary.tasks.map((task) => task.ranNs);
  const underDefault = ran(null);
  expect(ran((slot) => fifoPolicy(slot))).toEqual(underDefault);
  expect(new Set(underDefault).size).toBe(5);
  expect(ran(null)).not.toEqual(
    runNative({ ...scenario, seed: 2 }, null).summary.tasks.map((task) => task.ranNs),
  );
});

test("the cost model: a switch, a system call, half the speed on a CPU of half the capacity", () => {
  const one = scenarioOf(1, [taskSpec([run(ms), { do: "signal", channel: 0 }, run(ms)])]);
  const full = runNative(one, null).summary;
  expect(full.cpus[0]?.overheadNs).toBe(contextSwitchNs + 2 * systemCallNs);
  const slow = runNative(
    { ...one, topology: { ...one.topology, capacityOf: [512] } },
    null,
  ).summary;
  expect(slow.tasks[0]?.ranNs).toBe(4 * ms);
});

test("tasks and events beyond the limits end the run", () => {
  const bomb = scenarioOf(1, [
    taskSpec([{ do: "fork", task: 1 }], { loop: true }),
    taskSpec([run(ms)], { count: 0 }),
  ]);
  const limits = { eventsMax: 1_000_000, tasksMax: 500 };
  const request = { scenario: bomb, policy: null, state: null, limits };
  expect(() => simulateScenario(request)).toThrow(
    new SimulatorLimit("more than 500 tasks were started"),
  );
  const few = { ...request, limits: { eventsMax: 100, tasksMax: 5000 } };
  expect(() => simulateScenario(few)).toThrow(new SimulatorLimit("more than 100 events"));
});
