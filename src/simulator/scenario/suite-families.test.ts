import { describe, expect, test } from "vitest";
import { type FamilySize, suiteSize } from "./family.ts";
import type { Scenario, Step } from "./scenario.ts";
import { families, suiteScenarios } from "./suite-families.ts";
import { parseTopology } from "./topology.ts";

const sizes: Record<string, FamilySize> = {
  "the suite's": suiteSize,
  "one CPU": { topology: parseTopology("1"), scale: 1 },
  "two nodes, tripled": { topology: parseTopology("nodes=2,cores=2,smt=2"), scale: 3 },
};

function steps(scenario: Scenario): Step[] {
  const all = (list: readonly Step[]): Step[] =>
    list.flatMap((step) => (step.do === "repeat" ? [step, ...all(step.steps)] : [step]));
  return scenario.tasks.flatMap((spec) => all(spec.steps));
}

function faults(scenario: Scenario): string[] {
  const cpus = scenario.topology.llcOf.length;
  const wrong: string[] = [];
  const cpuList = (list: readonly number[], where: string) => {
    if (list.length === 0 || list.some((cpu) => cpu < 0 || cpu >= cpus)) wrong.push(where);
  };
  for (const spec of scenario.tasks) {
    if (new TextEncoder().encode(spec.comm).length > 15) wrong.push(`comm ${spec.comm}`);
    if (spec.nice < -20 || spec.nice > 19) wrong.push(`nice of ${spec.entry}`);
    if (spec.cgroup >= scenario.cgroups.length) wrong.push(`cgroup of ${spec.entry}`);
    if (spec.cpus !== null) cpuList(spec.cpus, `cpus of ${spec.entry}`);
  }
  for (const step of steps(scenario)) {
    if (step.do === "affinity") cpuList(step.cpus, "cpus of a step");
    if (step.do === "fork" && step.task >= scenario.tasks.length) wrong.push("fork");
    if (step.do === "cgroup" && step.cgroup >= scenario.cgroups.length) wrong.push("cgroup step");
    if (step.do === "exec" && step.comm.length > 15) wrong.push(`exec ${step.comm}`);
    if (step.do === "repeat" && !(step.times >= 1)) wrong.push("repeat");
  }
  for (const event of scenario.events) {
    if ("cpu" in event) cpuList([event.cpu], `cpu of ${event.do}`);
    if (event.do === "affinity") cpuList(event.cpus, "cpus of an event");
    if ("task" in event && event.task >= scenario.tasks.length) wrong.push(`task of ${event.do}`);
    if (event.atNs >= scenario.durationNs) wrong.push(`${event.do} after the end`);
  }
  if (!scenario.tasks.some((spec) => !spec.background && spec.count > 0)) wrong.push("no task");
  return wrong;
}

describe.each(Object.entries(sizes))("in size of %s", (_name, size) => {
  test.each(families.map((family) => [family.name, family] as const))(
    "%s is whole",
    (_, family) => {
      for (let seed = 0; seed < 20; seed += 1) {
        const scenario = family.make(seed, size);
        expect(faults(scenario), `seed ${seed}`).toEqual([]);
        expect(scenario.name).toBe(family.name);
        if (size.topology !== null && family.name !== "single-cpu") {
          expect(scenario.topology).toEqual(size.topology);
        }
      }
    },
  );
});

test("the same seed makes the same scenarios, another seed others", () => {
  expect(suiteScenarios(5)).toEqual(suiteScenarios(5));
  expect(suiteScenarios(5)).not.toEqual(suiteScenarios(6));
});

test("names are unique and every family says its purpose in a sentence", () => {
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  expect(families.filter(({ purpose }) => !/^[A-Z].*\.$/.test(purpose))).toEqual([]);
});

test("one family lasts ten minutes of virtual time or longer", () => {
  const longest = Math.max(...suiteScenarios(1).map(({ durationNs }) => durationNs));
  expect(longest).toBeGreaterThanOrEqual(600e9);
});
