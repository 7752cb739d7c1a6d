// What holds for every scenario and every scheduler, correct or not. fast-check prints the seed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Scenario } from "../scenario/scenario.ts";
import { runMachine } from "./event-loop.ts";
import { kick } from "./flags.ts";
import { opsFlags, type PolicyOps } from "./policy-ops.ts";
import type { RunSummary } from "./run-summary.ts";
import { endRun, prepareRun, simulateScenario } from "./simulate-scenario.ts";
import { KernelSlot, nativePolicy } from "./testing/native-policy.ts";
import { checkPlaces } from "./testing/places.ts";
import { fifoPolicy, vtimePolicy } from "./testing/policies.ts";
import { randomScenario } from "./testing/random-scenario.ts";
import { invariantObserver } from "./testing/recording.ts";

const hotplug = { cpuOffline: (): void => undefined, cpuOnline: (): void => undefined };
const builtin = 0x8000_0000;

/** Does what a policy may do and what it may not, by its own random numbers. */
function mischief(slot: KernelSlot): PolicyOps {
  const held: number[] = [];
  const pick = (limit: number): number => slot.kernel.random() % limit;
  const place = (task: number, flags: number): void => {
    const { kernel } = slot;
    const slice = pick(3) * 4_000_000;
    switch (pick(6)) {
      case 0:
        kernel.insert(task, 2, builtin, slice, flags);
        return;
      case 1:
        kernel.insert(task, pick(kernel.cpus), 0xc000_0000, slice, flags);
        return;
      case 2:
        kernel.insert(task, 1, builtin, slice, flags);
        return;
      case 3:
        kernel.insert(task, 7, 0, slice, flags);
        return;
      case 4:
        kernel.insertVtime(task, 8, 0, slice, pick(100), 0, flags);
        return;
      default:
        held.push(task);
    }
  };
  return nativePolicy({
    ...hotplug,
    settings: { timeoutMs: 20 },
    init: () => slot.kernel.createDsq(7, 0, -1) + slot.kernel.createDsq(8, 0, -1),
    selectCpu: (task, previousCpu, wakeFlags) => {
      if (pick(3) > 0) return pick(slot.kernel.cpus);
      const { cpu, idle } = slot.kernel.selectCpuDefault(task, previousCpu, wakeFlags);
      if (idle && pick(2) === 0) slot.kernel.insert(task, 2, builtin, 3_000_000, 0);
      return cpu;
    },
    enqueue: (task, flags) => {
      place(task, flags);
      if (pick(4) === 0) slot.kernel.kick(pick(slot.kernel.cpus), [0, kick.idle][pick(2)] ?? 0);
    },
    dequeue: (task) => {
      const at = held.indexOf(task);
      if (at >= 0) held.splice(at, 1);
    },
    dispatch: () => {
      const { kernel } = slot;
      for (let i = 0; i < 2 && held.length > 0; i++) {
        const task = held[pick(held.length)] as number;
        kernel.insert(task, 2, builtin, 2_000_000, 0);
        if (pick(5) === 0) kernel.dispatchCancel();
      }
      const cursor = kernel.dsqIterate(8, 0, pick(2) === 0);
      for (let task = cursor?.next() ?? -1; task >= 0; task = cursor?.next() ?? -1) {
        const chance = pick(6);
        if (chance === 0) cursor?.move(task, 7, 0, 0, false);
        else if (chance === 1) cursor?.move(task, 2, builtin, 0, false);
      }
      if (!kernel.moveToLocal(7, 0, 0)) kernel.moveToLocal(8, 0, 0);
    },
    tick: () => {
      if (pick(5) === 0) slot.kernel.kick(pick(slot.kernel.cpus), kick.preempt);
      if (pick(9) === 0) slot.kernel.reenqueueLocal();
    },
  });
}

const schedulers: Record<string, ((slot: KernelSlot) => PolicyOps) | null> = {
  default: null,
  fifo: (slot) => fifoPolicy(slot, hotplug),
  vtime: (slot) => vtimePolicy(slot, hotplug),
  "partial fifo": (slot) =>
    fifoPolicy(slot, { ...hotplug, settings: { flags: opsFlags.switchPartial } }),
  "without hotplug ops": (slot) => fifoPolicy(slot),
  empty: () => nativePolicy(hotplug),
  "does nothing": () =>
    nativePolicy({
      ...hotplug,
      settings: { timeoutMs: 12 },
      enqueue: () => undefined,
      dispatch: () => undefined,
    }),
  mischief,
};

function requestOf(scenario: Scenario, make: ((slot: KernelSlot) => PolicyOps) | null) {
  const slot = new KernelSlot();
  return {
    scenario,
    policy: make === null ? null : make(slot),
    state: null,
    attach: slot.attach,
    observer: invariantObserver(),
  };
}

describe.each(Object.entries(schedulers))("%s", (_name, make) => {
  test("no task is lost, none runs twice, all time is accounted for", () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const { machine, starts, scx } = prepareRun(requestOf(scenario, make));
        starts.startExisting();
        runMachine(machine, starts, () => checkPlaces(machine));
        const summary = endRun(machine, scx);
        for (const cpu of summary.cpus) {
          expect(cpu.busyNs + cpu.overheadNs + cpu.idleNs + cpu.realtimeNs + cpu.offlineNs).toBe(
            summary.endNs,
          );
        }
        expect(sum(summary.cpus.map((cpu) => cpu.busyNs))).toBe(
          sum(summary.tasks.map((task) => task.ranNs)),
        );
        for (const task of summary.tasks) {
          const end = task.exitedNs < 0 ? summary.endNs : task.exitedNs;
          expect(task.waitedMaxNs).toBeLessThanOrEqual(task.waitedNs);
          expect(task.ranNs + task.waitedNs).toBeLessThanOrEqual(end - task.startedNs);
        }
      }),
      { numRuns: Number(process.env.SIMULATOR_RUNS ?? 40) },
    );
  });

  test("the same request gives the same summary", () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const once = (): RunSummary => simulateScenario(requestOf(scenario, make));
        expect(once()).toEqual(once());
      }),
      { numRuns: 10 },
    );
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
