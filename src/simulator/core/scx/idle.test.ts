// The built-in CPU selection, rule by rule (scx_select_cpu_dfl of kernel/sched/ext/idle.c).

import { expect, test } from "vitest";
import type { Topology } from "../../scenario/scenario.ts";
import { wake } from "../flags.ts";
import { prepareRun } from "../simulate-scenario.ts";
import { nativePolicy } from "../testing/native-policy.ts";
import { scenarioOf } from "../testing/scenarios.ts";
import { pickAnyCpu, pickIdleCpu, selectCpuDefault, testAndClearIdle, updateIdle } from "./idle.ts";
import type { Scx } from "./scx.ts";

/** Two nodes, each one LLC with two cores of two threads. */
const topology: Topology = {
  llcOf: [0, 0, 0, 0, 1, 1, 1, 1],
  coreOf: [0, 0, 1, 1, 2, 2, 3, 3],
  nodeOf: [0, 0, 0, 0, 1, 1, 1, 1],
  capacityOf: Array.from({ length: 8 }, () => 1024),
};
const all = new Uint8Array(8).fill(1);
const only = (...cpus: number[]): Uint8Array =>
  Uint8Array.from({ length: 8 }, (_, cpu) => (cpus.includes(cpu) ? 1 : 0));

function withIdle(...idle: number[]): Scx {
  const { scx } = prepareRun({
    scenario: scenarioOf(8, [], { topology }),
    policy: nativePolicy({}),
    state: null,
  });
  if (scx === null) throw new Error("no policy");
  for (const cpu of scx.machine.cpus) {
    if (!idle.includes(cpu.id)) updateIdle(scx, cpu, false, true);
  }
  return scx;
}

test("the previous CPU where its whole core is idle", () => {
  expect(selectCpuDefault(withIdle(2, 3, 4, 5), all, 3, 0, 0)).toBe(3);
});

test("a whole idle core of the LLC before the half idle previous one", () => {
  expect(selectCpuDefault(withIdle(0, 2, 3), all, 0, 0, 0)).toBeOneOf([2, 3]);
});

test("a whole idle core elsewhere before a thread of a busy core near", () => {
  expect(selectCpuDefault(withIdle(1, 6, 7), all, 0, 0, 0)).toBeOneOf([6, 7]);
});

test("without a whole core: the previous CPU, then its sibling, then the LLC, then any", () => {
  expect(selectCpuDefault(withIdle(0, 2, 4), all, 0, 0, 0)).toBe(0);
  expect(selectCpuDefault(withIdle(1, 2, 4), all, 0, 0, 0)).toBe(1);
  expect(selectCpuDefault(withIdle(2, 4), all, 0, 0, 0)).toBe(2);
  expect(selectCpuDefault(withIdle(4), all, 0, 0, 0)).toBe(4);
});

test("none: EBUSY; only what is allowed; a whole core or nothing where asked for", () => {
  expect(selectCpuDefault(withIdle(), all, 0, 0, 0)).toBe(-16);
  expect(selectCpuDefault(withIdle(0, 1, 2), only(2, 5), 0, 0, 0)).toBe(2);
  expect(selectCpuDefault(withIdle(0, 2, 4), all, 0, 0, 1)).toBe(-16);
});

test("a CPU is given once: the pick claims it, and its core is whole no more", () => {
  const scx = withIdle(0, 1, 4);
  expect(selectCpuDefault(scx, all, 0, 0, 0)).toBe(0);
  expect(scx.idleCore[1]).toBe(0);
  expect(testAndClearIdle(scx, 0)).toBe(false);
  expect(selectCpuDefault(scx, all, 0, 0, 0)).toBe(1);
  expect(selectCpuDefault(scx, all, 0, 0, 0)).toBe(4);
  expect(selectCpuDefault(scx, all, 0, 0, 0)).toBe(-16);
});

test("WAKE_SYNC: the previous CPU near the waker, else the waker's own while some CPU idles", () => {
  const near = withIdle(1, 4);
  near.machine.thisCpu = 2;
  expect(selectCpuDefault(near, all, 1, wake.sync, 0)).toBe(1);
  const far = withIdle(4);
  far.machine.thisCpu = 2;
  expect(selectCpuDefault(far, all, 1, wake.sync, 0)).toBe(2);
  const full = withIdle();
  full.machine.thisCpu = 2;
  expect(selectCpuDefault(full, all, 1, wake.sync, 0)).toBe(-16);
});

test("picks go round (cpumask_any_and_distribute)", () => {
  const scx = withIdle(0, 2, 4, 6);
  const picks = [1, 2, 3, 4].map(() => pickIdleCpu(scx, all, 0));
  expect(picks).toEqual([2, 4, 6, 0]);
  expect(pickIdleCpu(scx, all, 0)).toBe(-16);
  expect([1, 2, 3].map(() => pickAnyCpu(scx, only(1, 5), 0))).toEqual([1, 5, 1]);
  expect(pickAnyCpu(scx, only(), 0)).toBe(-16);
});
