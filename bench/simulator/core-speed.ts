// How fast the simulated machine is: native FIFO and vtime policies, the default scheduler's model, and two
// seed policies' own objects, on 8 CPUs with 100 to 100,000 tasks. Prints events per second of one core, how
// the cost per event grows with the tasks, and memory (exact with --expose-gc; without the linear memory that
// an object's programs see). One event is one entry of the machine's queue of timers (end of a run step,
// sleep timer, tick, interrupt), with the scheduling that follows from it.
//
// Usage: sh bin/node --expose-gc bench/simulator/core-speed.ts [events per run, in millions]

import type { RunRequest } from "../../src/simulator/core/run-summary.ts";
import { simulateScenario } from "../../src/simulator/core/simulate-scenario.ts";
import { KernelSlot } from "../../src/simulator/core/testing/native-policy.ts";
import { fifoPolicy, vtimePolicy } from "../../src/simulator/core/testing/policies.ts";
import { scenarioOf, taskSpec } from "../../src/simulator/core/testing/scenarios.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { createPolicy } from "../../src/simulator/runtime/create-policy.ts";
import type { Scenario } from "../../src/simulator/scenario/scenario.ts";
import { seedObjects } from "./seed-objects.ts";

const cpus = 8;
const goalEvents = Number(process.argv[2] ?? "2") * 1_000_000;
const runNs = 100_000;

/**
 * Tasks that run 0.1 ms and sleep so long that 80 % of the CPUs are wanted. `hogs`: one task in ten never
 * sleeps instead, so that all CPUs are wanted, queues are long and slices end at ticks.
 */
function workload(tasks: number, hogs: boolean, events: number): Scenario {
  const neverSleeping = hogs ? Math.max(1, Math.floor(tasks / 10)) : 0;
  const sleepers = tasks - neverSleeping;
  const sleepNs = Math.max(1_000_000, Math.round((runNs * sleepers) / (cpus * 0.8)));
  return scenarioOf(
    cpus,
    [
      taskSpec(
        [
          { do: "run", ns: { minNs: runNs / 2, maxNs: (runNs * 3) / 2 } },
          { do: "sleep", ns: { minNs: sleepNs / 2, maxNs: (sleepNs * 3) / 2 } },
        ],
        { count: sleepers, loop: true, background: true, startNs: { minNs: 0, maxNs: sleepNs } },
      ),
      taskSpec([{ do: "run", ns: 5_000_000 }], {
        count: neverSleeping,
        loop: true,
        background: true,
      }),
      // Keeps the run going until its virtual time, or its events, are over.
      taskSpec([{ do: "sleep", ns: 1_000_000_000_000_000 }]),
    ],
    // Some 200,000 events a virtual second: a timer, a resched, the end of a step for every 0.1 ms of CPU.
    { durationNs: Math.round((events / 200_000) * 1_000_000_000) },
  );
}

type Make = (
  scenario: Scenario,
) => Pick<RunRequest, "policy" | "state" | "attach"> & { end(): void };

const native =
  (make: typeof fifoPolicy): Make =>
  () => {
    const slot = new KernelSlot();
    return { policy: make(slot), state: null, attach: slot.attach, end: () => undefined };
  };

const seeds = await seedObjects();
const kernelTypes = kernelBtf(seeds.kernelTypes);
const object =
  (name: string): Make =>
  ({ topology, cgroups }) => {
    const objectBytes = seeds.objects.get(name) as Uint8Array;
    const policy = createPolicy({ objectBytes, kernelBtf: kernelTypes, topology, cgroups });
    const attach = policy.attach.bind(policy);
    return { policy: policy.ops, state: policy.state, attach, end: () => policy.release() };
  };

const schedulers: Record<string, Make> = {
  fifo: native(fifoPolicy),
  vtime: native(vtimePolicy),
  default: () => ({ policy: null, state: null, end: () => undefined }),
  "fifo.o": object("fifo"),
  "weighted-vtime.o": object("weighted-vtime"),
};

// Warm: V8 has compiled every path before the first row.
for (const make of Object.values(schedulers)) {
  for (const hogs of [false, true]) run(workload(300, hogs, goalEvents / 4), make);
}

console.log(
  "scheduler        workload   tasks     events   switches    CPU s   events/s  ns/event  ns ÷ log2 n   MiB",
);
for (const [name, make] of Object.entries(schedulers)) {
  for (const hogs of [false, true]) {
    for (const tasks of [100, 1_000, 10_000, 100_000]) {
      const row = run(workload(tasks, hogs, goalEvents), make);
      const nsPerEvent = (row.seconds * 1e9) / row.events;
      console.log(
        [
          name.padEnd(16),
          (hogs ? "hogs" : "sleepers").padEnd(8),
          String(tasks).padStart(7),
          String(row.events).padStart(10),
          String(row.switches).padStart(10),
          row.seconds.toFixed(2).padStart(8),
          Math.round(row.events / row.seconds)
            .toLocaleString("en")
            .padStart(10),
          nsPerEvent.toFixed(0).padStart(9),
          (nsPerEvent / Math.log2(tasks)).toFixed(0).padStart(12),
          row.mebibytes.toFixed(0).padStart(5),
        ].join(" "),
      );
    }
  }
}

/** CPU time of this process's own code: neighbours on the machine do not count, the collector does. */
function run(
  scenario: Scenario,
  make: Make,
): { events: number; switches: number; seconds: number; mebibytes: number } {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const { end, ...scheduler } = make(scenario);
  const started = process.cpuUsage();
  const summary = simulateScenario({ scenario, ...scheduler });
  const { user, system } = process.cpuUsage(started);
  const after = process.memoryUsage();
  end();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return {
    events: summary.events,
    switches: summary.cpus.reduce((sum, cpu) => sum + cpu.switches, 0),
    seconds: (user + system) / 1_000_000,
    mebibytes: bytes / 1_048_576,
  };
}
