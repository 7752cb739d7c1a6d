import { expect, test } from "vitest";
import type { Trace } from "../../contract/measurement.ts";
import { type EntryProfile, workloadProfileSchema } from "../../contract/profile.ts";
import { workloadSchema } from "../../contract/workload.ts";
import type { Step } from "./scenario.ts";
import { flatTopology } from "./topology.ts";
import { scenarioOfTrace } from "./trace-scenario.ts";
import { scenarioOfWorkload } from "./workload-scenario.ts";

const workload = workloadSchema.parse({
  name: "two-kinds",
  run: [
    { name: "short", count: 5, command: "true" },
    { name: "server", command: "true", background: true },
  ],
  objective: { metric: "makespan", direction: "minimise" },
});
const topology = flatTopology(2);

function profile(entries: Partial<EntryProfile>[]) {
  return workloadProfileSchema.parse({
    workload: "two-kinds",
    workloadSha256: "0",
    environment: {
      ...{ node: "lab", kernel: "7.2", cpus: 2, memoryMib: 1024, accelerator: "tcg" },
      ...{ emulated: true, imageSha256: "0" },
    },
    makespanMs: 1000,
    entries: entries.map((entry) => ({
      ...{ name: "short", count: 5, background: false, lifetimeMs: 100, cpuMs: 20 },
      ...{ cpuShare: 0.2, waitMs: 0, switchesPerSecond: 100, voluntaryShare: 0.5 },
      ...entry,
    })),
    ...{ utilisation: 0.5, imbalance: 1, contextSwitchesPerSecond: 1, oversubscription: 1 },
    ...{ kind: "mixed", summary: "" },
  });
}

function totals(steps: readonly Step[]): { run: number; sleep: number; sleeps: number } {
  const sum = { run: 0, sleep: 0, sleeps: 0 };
  const mean = (ns: number | { minNs: number; maxNs: number }) =>
    typeof ns === "number" ? ns : (ns.minNs + ns.maxNs) / 2;
  for (const step of steps) {
    if (step.do === "repeat") {
      const inner = totals(step.steps);
      sum.run += step.times * inner.run;
      sum.sleep += step.times * inner.sleep;
      sum.sleeps += step.times * inner.sleeps;
    } else if (step.do === "run") sum.run += mean(step.ns) / 1e6;
    else if (step.do === "sleep") {
      sum.sleep += mean(step.ns) / 1e6;
      sum.sleeps += 1;
    }
  }
  return sum;
}

test("without a profile every command is CPU-bound for the stated time", () => {
  const made = scenarioOfWorkload(workload, {
    ...{ topology, seed: 1, profile: null },
    cpuMsByEntry: new Map([["short", 30]]),
  });
  const [short, server] = made.scenario.tasks;
  expect(made.assumed).toEqual(["short", "server"]);
  expect(short).toMatchObject({ count: 5, cgroup: 1, background: false });
  expect(short?.steps).toEqual([{ do: "run", ns: 30e6 }]);
  expect(server).toMatchObject({ background: true, loop: true, cgroup: 2 });
  expect(made.cgroupOfEntry.get("server")).toBe(2);
});

test("with a profile CPU time, sleep and voluntary switches come out as profiled", () => {
  const { scenario, assumed } = scenarioOfWorkload(workload, {
    ...{ topology, seed: 1, profile: profile([{}]) },
  });
  expect(assumed).toEqual(["server"]);
  const sum = totals(scenario.tasks[0]?.steps ?? []);
  // 100 switches a second, half of them voluntary, in 100 ms: 5 sleeps, over the 80 ms off the CPU.
  expect(sum.sleeps).toBe(5);
  expect(sum.run).toBeCloseTo(20, 3);
  expect(sum.sleep).toBeCloseTo(80, 3);
});

test("more CPU time than lifetime is as many threads", () => {
  const { scenario } = scenarioOfWorkload(workload, {
    ...{ topology, seed: 1 },
    profile: profile([{ cpuMs: 390, cpuShare: 3.9, switchesPerSecond: 0 }]),
  });
  expect(scenario.tasks[0]?.count).toBe(20);
  expect(totals(scenario.tasks[0]?.steps ?? []).run).toBeCloseTo(97.5, 3);
});

test("a profile of another workload and an absurd time are refused", () => {
  const other = { ...profile([{}]), workload: "other" };
  expect(() => scenarioOfWorkload(workload, { topology, seed: 1, profile: other })).toThrow(
    "other",
  );
  expect(() =>
    scenarioOfWorkload(workload, {
      ...{ topology, seed: 1, profile: null },
      cpuMsByEntry: new Map([["short", Number.NaN]]),
    }),
  ).toThrow("NaN ms");
});

const trace: Trace = {
  entries: ["a", "b"],
  waits: [],
  // On one CPU: pid 7 is displaced by pid 8 from 10 to 20 ms, and sleeps from 30 to 50 ms.
  timeline: [
    [0, 0, 7, 0, 10_000],
    [0, 1, 8, 10_000, 20_000],
    [0, 0, 7, 20_000, 30_000],
    [0, 0, 7, 50_000, 60_000],
  ],
  dropped: 0,
  makespanMs: 60,
};

test("a trace's gaps are waiting where the machine was full, sleep where it was not", () => {
  const scenario = scenarioOfTrace(trace, { name: "t", topology, seed: 1, recordedCpus: 1 });
  const [a, b] = scenario.tasks;
  expect(a?.steps).toEqual([
    { do: "run", ns: 20e6 },
    { do: "sleep", ns: 20e6 },
    { do: "run", ns: 10e6 },
  ]);
  expect(b).toMatchObject({ entry: "b", startNs: 10e6, steps: [{ do: "run", ns: 10e6 }] });
  // With two CPUs one was free all the time: every gap was sleep.
  const wide = scenarioOfTrace(trace, { name: "t", topology, seed: 1, recordedCpus: 2 });
  expect(wide.tasks[0]?.steps).toHaveLength(5);
});

test("an empty trace is refused", () => {
  const empty = { ...trace, timeline: [] };
  expect(() => scenarioOfTrace(empty, { name: "t", topology, seed: 1, recordedCpus: 1 })).toThrow(
    "no runs",
  );
});
