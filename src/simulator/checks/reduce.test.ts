import { expect, test } from "vitest";
import { hog, sleeper } from "../scenario/family.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { suiteScenarios } from "../scenario/suite-families.ts";
import { parseTopology } from "../scenario/topology.ts";
import { reduceScenario } from "./reduce.ts";

const big: Scenario = {
  name: "big",
  topology: parseTopology("2x4"),
  cgroups: [
    { name: "", parent: null, weight: 100 },
    { name: "a", parent: 0, weight: 100 },
  ],
  tasks: [
    hog("hog", { count: 9, nice: -5 }),
    sleeper("culprit", 1e6, { minNs: 1e6, maxNs: 3e6 }, { count: 6, comm: "culprit", cgroup: 1 }),
    sleeper("other", 1e6, 1e6, { cpus: [7] }),
  ],
  events: [{ atNs: 5, do: "cpu-offline", cpu: 7 }],
  durationNs: 10e9,
  seed: 3,
};
const plenty = { runs: 1000, events: Number.POSITIVE_INFINITY };

test("keeps what the violation needs and drops all else", () => {
  const needs = (scenario: Scenario) =>
    scenario.tasks.some(({ comm, count }) => comm === "culprit" && count >= 2) &&
    scenario.topology.llcOf.length >= 2;
  const { scenario } = reduceScenario(
    big,
    (candidate) => ({ violates: needs(candidate), events: 1 }),
    plenty,
  );
  expect(scenario.tasks).toHaveLength(1);
  expect(scenario.tasks[0]).toMatchObject({ comm: "culprit", count: 2, cgroup: 0 });
  expect(scenario.topology.llcOf).toEqual([0, 0]);
  expect(scenario.cgroups).toHaveLength(1);
  expect(scenario.events).toEqual([]);
  expect(scenario.durationNs).toBeLessThan(20e6);
});

test("never tries a loop that takes no time", () => {
  const busy: Scenario = {
    ...big,
    tasks: [
      hog("busy", { steps: [{ do: "nice", nice: 1 }, { do: "run", ns: 1e6 }, { do: "yield" }] }),
    ],
  };
  const tried: string[] = [];
  const attempt = ({ tasks }: Scenario) => {
    tried.push(tasks[0]?.steps.map((step) => step.do).join(" ") ?? "");
    return { violates: true, events: 1 };
  };
  const { scenario } = reduceScenario(busy, attempt, plenty);
  expect(scenario.tasks[0]?.steps).toEqual([{ do: "run", ns: 1e6 }]);
  expect(tried.filter((steps) => !steps.includes("run"))).toEqual([]);
});

test("keeps within its budget of runs and of events", () => {
  let runs = 0;
  const attempt = () => {
    runs += 1;
    return { violates: true, events: 100 };
  };
  reduceScenario(big, attempt, { runs: 7, events: 1e9 });
  expect(runs).toBe(7);
  runs = 0;
  reduceScenario(big, attempt, { runs: 1000, events: 500 });
  expect(runs).toBe(5);
});

test.each(suiteScenarios(1).map((scenario) => [scenario.name, scenario] as const))(
  "every candidate of %s is a whole scenario",
  (_, scenario) => {
    let at = 0;
    reduceScenario(
      scenario,
      (candidate) => {
        at += 1;
        const cpus = candidate.topology.llcOf.length;
        expect(candidate.tasks.length).toBeGreaterThan(0);
        for (const spec of candidate.tasks) {
          expect(spec.cgroup).toBeLessThan(candidate.cgroups.length);
          for (const cpu of spec.cpus ?? []) expect(cpu).toBeLessThan(cpus);
        }
        for (const event of candidate.events) {
          if ("cpu" in event) expect(event.cpu).toBeLessThan(cpus);
          if ("task" in event) expect(event.task).toBeLessThan(candidate.tasks.length);
        }
        const forks = JSON.stringify(candidate.tasks).matchAll(/"do":"fork","task":(\d+)/g);
        for (const [, task] of forks) expect(Number(task)).toBeLessThan(candidate.tasks.length);
        return { violates: at % 3 !== 0, events: 0 };
      },
      { runs: 150, events: 1 },
    );
    expect(at).toBeGreaterThan(3);
  },
);
