// Memory of one simulated run of a seed policy's object: resident set of a process that does nothing else,
// start-up included. `sh bin/node bench/simulator/memory.ts [TASKS] [POLICY] [VIRTUAL_SECONDS]`.

import { simulateScenario } from "../../src/simulator/core/simulate-scenario.ts";
import { scenarioOf, taskSpec } from "../../src/simulator/core/testing/scenarios.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { createPolicy } from "../../src/simulator/runtime/create-policy.ts";
import { seedObjects } from "./seed-objects.ts";

const tasks = Number(process.argv[2] ?? "10000");
const name = process.argv[3] ?? "weighted-vtime";
const seconds = Number(process.argv[4] ?? "2");

const seeds = await seedObjects();
const objectBytes = seeds.objects.get(name);
if (objectBytes === undefined) throw new Error(`no seed policy ${name}`);
// Each task runs for 0.1 ms and sleeps so long that 80 % of 8 CPUs are wanted.
const sleepNs = (100_000 * tasks) / 6.4;
const scenario = scenarioOf(
  8,
  [
    taskSpec(
      [
        { do: "run", ns: 100_000 },
        { do: "sleep", ns: Math.round(sleepNs) },
      ],
      {
        count: tasks,
        loop: true,
        background: true,
        startNs: { minNs: 0, maxNs: 1_000_000_000 },
      },
    ),
    taskSpec([{ do: "sleep", ns: seconds * 2e9 }]),
  ],
  { durationNs: seconds * 1e9 },
);
const policy = createPolicy({
  objectBytes,
  kernelBtf: kernelBtf(seeds.kernelTypes),
  topology: scenario.topology,
  cgroups: scenario.cgroups,
});
const started = process.cpuUsage();
const summary = simulateScenario({
  scenario,
  policy: policy.ops,
  state: policy.state,
  attach: policy.attach,
});
const { user, system } = process.cpuUsage(started);
const residentMb = (process.resourceUsage().maxRSS * 1024) / 1e6;
console.log(
  `${name}, ${tasks} tasks on 8 CPUs, ${seconds} virtual s: ${residentMb.toFixed(0)} MB resident at most, ` +
    `${summary.events} events in ${((user + system) / 1e6).toFixed(1)} s of CPU time`,
);
