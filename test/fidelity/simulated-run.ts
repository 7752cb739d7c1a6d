// One policy on one scenario in the simulator: the same object as in the guest, which records its own
// callbacks into its memory. Several runs with small machine noise, as a guest has it: the daemon's
// real-time work and kernel threads come and go. Called beside guest-run.ts.

import { opsFlags } from "../../src/simulator/core/policy-ops.ts";
import type { RunSummary } from "../../src/simulator/core/run-summary.ts";
import { simulateScenario } from "../../src/simulator/core/simulate-scenario.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import { createPolicy } from "../../src/simulator/runtime/create-policy.ts";
import { policyLimits } from "../../src/simulator/runtime/policy-instance.ts";
import type {
  MachineEvent,
  Scenario,
  Step,
  TaskSpec,
} from "../../src/simulator/scenario/scenario.ts";
import type { FidelityPolicy } from "./guest-run.ts";
import { type CallRecord, readRecords, recordCommKnob, recordsGlobal } from "./records.ts";

export interface SimulatedRun {
  exit: { kind: number; reason: string; message: string } | null;
  records: CallRecord[];
  makespanNs: number;
  unsupported: string[];
}

const recordMemoryBytes = 256 * 2 ** 20;

export function runSimulated(
  policy: FidelityPolicy,
  scenario: Scenario,
  kernelBtf: Btf,
  seed: number,
): SimulatedRun {
  const noisy = withNoise(withCosts(scenario), seed);
  const instance = createPolicy({
    objectBytes: policy.object,
    kernelBtf,
    knobs: { ...knobsOf(policy), [recordCommKnob]: "f-" },
    hints: hintsOf(),
    topology: scenario.topology,
    cgroups: scenario.cgroups,
    limits: { memoryBytes: Math.min(recordMemoryBytes, policyLimits.memoryBytes) },
  });
  impose(instance.ops.settings, policy);
  const summary = simulateScenario({
    scenario: noisy,
    policy: instance.ops,
    state: instance.state,
    attach: (kernel) => instance.attach(kernel),
  });
  const bytes = instance.global(recordsGlobal);
  if (bytes === null) throw new Error(`${policy.name} does not record`);
  return {
    exit: summary.exit,
    records: readRecords(bytes),
    makespanNs: scenarioNs(summary),
    unsupported: instance.unsupported.map(({ kind, name }) => `${kind} ${name}`),
  };
}

/** The same under the model of the kernel's default scheduler, ns. */
export function defaultMakespanNs(scenario: Scenario, seed: number): number {
  return scenarioNs(
    simulateScenario({ scenario: withNoise(withCosts(scenario), seed), policy: null, state: null }),
  );
}

/** Task 0 lives from the first step to the last. */
function scenarioNs(summary: RunSummary): number {
  const main = summary.tasks.find(({ spec }) => spec === 0);
  if (main === undefined || main.exitedNs < 0) throw new Error("the scenario did not end");
  return main.exitedNs - main.startedNs;
}

function knobsOf(policy: FidelityPolicy): Record<string, number | boolean | string> {
  return Object.fromEntries(
    Object.entries(policy.parameters).filter(([name]) => !name.startsWith("hint.")),
  );
}

/** The guest's tasks are all of one entry: a hint for it would order nothing. */
function hintsOf(): ReadonlyMap<number, number> {
  return new Map();
}

/** What the node's loader imposes. */
function impose(settings: { flags: number; timeoutMs: number }, policy: FidelityPolicy): void {
  settings.timeoutMs = policy.timeoutMs;
  settings.flags &= ~opsFlags.switchPartial;
  if (policy.partial) settings.flags |= opsFlags.switchPartial;
}

const us = 1000;
const ms = 1_000_000;

/**
 * What system calls cost a process in an emulated guest, CPU time: read off the time between `running` and
 * `stopping` of tasks that were not preempted, of which the run step is known. Drawn anew at every step.
 */
const costNs = { run: 130 * us, signal: 100 * us, fork: 700 * us, birth: 150 * us, exit: 250 * us };

function withCosts(scenario: Scenario): Scenario {
  const cost = (ns: number): Step => ({
    do: "run",
    ns: { minNs: Math.floor(ns / 3), maxNs: Math.floor((ns * 5) / 3) },
  });
  const costly = (steps: readonly Step[]): Step[] =>
    steps.flatMap((step): Step[] => {
      if (step.do === "run") return [step, cost(costNs.run)];
      if (step.do === "signal") return [cost(costNs.signal), step];
      if (step.do === "fork") return [cost(costNs.fork), step];
      if (step.do === "repeat") return [{ ...step, steps: costly(step.steps) }];
      return [step];
    });
  const tasks = scenario.tasks.map((task, index): TaskSpec => {
    const steps = [...costly(task.steps), cost(costNs.exit)];
    return index === 0
      ? { ...task, startNs, steps }
      : { ...task, steps: [cost(costNs.birth), ...steps] };
  });
  return { ...scenario, tasks };
}

/** By then every CPU has been busy and idle once under the policy, as a guest's have. */
const startNs = 30 * ms;

/**
 * A guest's machine is seldom quite still: a real-time thread now and then on either CPU, and a kernel
 * thread of the default class on each. Seeds move them and say how often, so that what depends on the
 * moment varies, and nothing that only noise does happens always.
 */
function withNoise(scenario: Scenario, seed: number): Scenario {
  const random = draws(seed);
  const events: MachineEvent[] = [];
  // The higher the seed, the more noise; none of the real-time kind with the first.
  const density = seed <= 8 ? seed / 2 : 1 + (seed % 8);
  for (let atNs = 0; seed > 1 && atNs < 2_000 * ms; ) {
    atNs += Math.floor(((10 + 60 * random()) * ms) / density);
    // A host that takes a CPU away looks the same to the tasks.
    const ns = seed <= 8 ? 400 * us : Math.floor(random() * 6 * ms);
    events.push({ atNs, do: "realtime", cpu: random() < 0.5 ? 0 : 1, ns });
  }
  const worker = (cpu: number): TaskSpec => ({
    entry: "noise",
    comm: `kworker/${cpu}`,
    count: 1,
    startNs: Math.floor(random() * 4 * ms),
    nice: 0,
    policy: "normal",
    cpus: [cpu],
    cgroup: 0,
    kernelThread: true,
    steps: [
      { do: "run", ns: { minNs: 20 * us, maxNs: 300 * us } },
      {
        do: "sleep",
        ns: {
          minNs: Math.floor((10 * ms) / density),
          maxNs: Math.floor((80 * ms) / density),
        },
      },
    ],
    loop: true,
    background: true,
  });
  return {
    ...scenario,
    tasks: [...scenario.tasks, worker(0), worker(1)],
    events: [...scenario.events, ...events],
    seed,
  };
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
