// The suite's two promises: no correct policy is ever rejected, every harmful one is, by the right rule
// and with a small example. bench/simulator/suite.ts does the same over many seeds.

import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/contract/verdict.ts";
import { type PolicyFactory, runChecked } from "../../src/simulator/checks/checked-run.ts";
import type { Counterexample } from "../../src/simulator/checks/counterexample.ts";
import { runSuite } from "../../src/simulator/checks/suite.ts";
import { ProgramFault, SimulatorLimit } from "../../src/simulator/errors.ts";
import { suiteScenarios } from "../../src/simulator/scenario/suite-families.ts";
import { correctPolicies, harmfulPolicies } from "./native-policies.ts";

const seed = 1;

function exampleOf(finding: Finding | undefined): Counterexample {
  expect(finding?.counterexample).toBeDefined();
  return finding?.counterexample as Counterexample;
}

describe(`correct policies, seed ${seed}`, () => {
  test.each(Object.entries(correctPolicies))("%s passes", (_, make) => {
    const suite = runSuite(make, { seed, searches: 6 });
    expect(suite.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(suite.outcome).toBe("pass");
  });

  test("the default scheduler's model breaks no rule", () => {
    const broken = suiteScenarios(seed).flatMap((scenario) =>
      runChecked(scenario, null)
        .violations.filter(({ severity }) => severity !== "note")
        .map(({ rule, message }) => `${scenario.name}: ${rule}: ${message}`),
    );
    expect(broken).toEqual([]);
  });
});

describe(`harmful policies, seed ${seed}`, () => {
  test.each(Object.entries(harmfulPolicies))(
    "%s is rejected by the right rule",
    (_, harmful) => {
      const suite = runSuite(harmful.make, { seed });
      expect(suite.outcome).toBe("reject");
      for (const rule of harmful.rules) {
        const finding = suite.findings.find((each) => each.rule === `simulate/${rule}`);
        expect(finding?.severity, `${rule} among ${suite.findings.map((each) => each.rule)}`).toBe(
          "error",
        );
        expect(finding?.hint.length).toBeGreaterThan(40);
        const { scenario, events, foundIn } = exampleOf(finding);
        const original = suiteScenarios(seed).find(({ name }) => name === foundIn);
        const size = (tasks: readonly { count: number }[]) =>
          tasks.reduce((sum, { count }) => sum + count, 0);
        expect(size(scenario.tasks)).toBeLessThanOrEqual(size(original?.tasks ?? []));
        expect(events.length).toBeGreaterThan(1);
        // The example alone breaks the rule again.
        const again = runChecked(JSON.parse(JSON.stringify(scenario)), harmful.make);
        expect(again.violations.map((each) => each.rule)).toContain(rule);
      }
    },
    60_000,
  );
});

test("the same seed finds the same, byte for byte", () => {
  const make = harmfulPolicies["strict-priority"]?.make as PolicyFactory;
  const once = JSON.stringify(runSuite(make, { seed: 9 }));
  expect(JSON.stringify(runSuite(make, { seed: 9 }))).toBe(once);
});

test("the search finds and shrinks what no family showed", () => {
  // Forgets whom it is asked to serve at nice 5 or above; no family is run.
  const make: PolicyFactory = (machine) => {
    const fifo = correctPolicies.fifo as PolicyFactory;
    const policy = fifo(machine);
    const { ops } = policy;
    const weight: number[] = [];
    const enqueue = ops.enqueue.bind(ops);
    const selectCpu = ops.selectCpu.bind(ops);
    const defined = new Set([...ops.defined, "set_weight" as const]);
    const hated = (task: number) => weight[task] !== undefined && weight[task] < 40;
    return {
      ...policy,
      ops: Object.assign(ops, {
        defined,
        setWeight: (task: number, value: number) => {
          weight[task] = value;
        },
        selectCpu: (task: number, prev: number, flags: number) =>
          hated(task) ? prev : selectCpu(task, prev, flags),
        enqueue: (task: number, flags: number) => {
          if (!hated(task)) enqueue(task, flags);
        },
      }),
    };
  };
  const suite = runSuite(make, { seed: 4, families: [], searches: 60 });
  expect(suite.findings[0]?.rule).toBe("simulate/lost-task");
  const { scenario, foundIn } = exampleOf(suite.findings[0]);
  expect(foundIn).toBe("search");
  expect(scenario.tasks).toHaveLength(1);
});

test("a fault of the simulator itself is not taken for the policy's", () => {
  const make: PolicyFactory = () => {
    throw new TypeError("ours");
  };
  expect(() => runSuite(make, { seed })).toThrow("ours");
  expect(() => runSuite(make, { seed, families: [] })).toThrow("ours");
});

test("what is not modelled and what exceeds a limit is inconclusive, a fault is a finding", () => {
  const throwing = (error: Error): PolicyFactory => {
    const fifo = correctPolicies.fifo as PolicyFactory;
    return (machine) => {
      const policy = fifo(machine);
      const enqueue = (): void => {
        throw error;
      };
      return { ...policy, ops: Object.assign(policy.ops, { enqueue }) };
    };
  };
  const limit = runSuite(throwing(new SimulatorLimit("too many\u001b[31m tasks")), { seed });
  expect(limit.outcome).toBe("inconclusive");
  expect(limit.inconclusive).toEqual(["too many?[31m tasks"]);
  const fault = new ProgramFault(
    "fifo_enqueue: writes 8 bytes behind map values (fifo.bpf.c:12: values[i] = 1)",
    {
      ...{ kind: "out-of-bounds", program: "fifo_enqueue", instruction: 7 },
      location: { file: "fifo.bpf.c", line: 12, text: "arr[i] = 1;" },
    },
  );
  const suite = runSuite(throwing(fault), { seed });
  expect(suite.outcome).toBe("reject");
  expect(suite.findings[0]).toMatchObject({ rule: "simulate/program-fault", severity: "error" });
  expect(suite.findings[0]?.message).toContain("fifo.bpf.c:12");
});
