import { expect, test } from "vitest";
import {
  type Behaviour,
  type ScriptedArm,
  scriptedNodes,
  scriptedWorkload,
} from "../../../../test/doubles/scripted-nodes.ts";
import type { VerifierContext } from "../verifier.ts";
import { comparePerformance } from "./performance.ts";
import { exerciseWorkload } from "./workload-run.ts";

const policy = {
  identity: { name: "candidate", sourceSha256: "5".repeat(64), parameters: {} },
  object: new Uint8Array(8),
};
const runs = (makespanMs: number): Behaviour => ({ kind: "runs", makespanMs });

function exercise(behave: (arm: ScriptedArm) => Behaviour, budgetMs = 600_000) {
  const nodes = scriptedNodes(behave);
  // What else the context holds is of earlier stages.
  const context = { nodes, progress: () => undefined } as unknown as VerifierContext;
  return {
    nodes,
    given: { policy, workload: scriptedWorkload, context, budgetMs, now: nodes.now },
  };
}

/** The candidate's makespan is so many times the default's. */
const ratio = (factor: number) => (arm: ScriptedArm) =>
  runs(arm.policy === null ? 3000 : 3000 * factor);

test.each([
  [0.9, "better", "pass", []],
  [1.1, "worse", "pass", ["exercise/slower"]],
  [2.2, "much worse", "reject", ["exercise/much-slower"]],
])("at %d times the makespan seven pairs say %s", async (factor, said, status, rules) => {
  const { nodes, given } = exercise(ratio(factor));
  const { outcome, evidence } = await comparePerformance(given);
  expect(outcome.status).toBe(status);
  expect(outcome.findings.map(({ rule }) => rule)).toEqual(rules);
  expect(evidence).toMatchObject({ performance: said, performancePairs: 7 });
  expect(nodes.released).toBe(14);
});

test("it ends with its budget, and says that nothing is established", async () => {
  const { nodes, given } = exercise(ratio(0.9), 40_000);
  const { outcome, evidence } = await comparePerformance(given);
  expect(outcome).toEqual({ status: "pass", findings: [] });
  expect(evidence.performance).toBe("not established");
  expect(evidence.performancePairs).toBeGreaterThan(1);
  expect(evidence.performancePairs).toBeLessThan(7);
  expect(nodes.released).toBe(Number(evidence.performancePairs) * 2);
});

test("an ejection on the workload rejects, as the exercise's finding", async () => {
  const { given } = exercise((arm) => (arm.policy === null ? runs(3000) : { kind: "ejected" }));
  const { outcome } = await comparePerformance(given);
  expect(outcome).toMatchObject({ status: "reject", findings: [{ rule: "exercise/ejected" }] });
});

test("a guest that is lost twice is inconclusive", async () => {
  const { given } = exercise((arm) =>
    arm.policy === null ? runs(3000) : { kind: "dies", death: null },
  );
  expect((await comparePerformance(given)).outcome.status).toBe("inconclusive");
});

test("without a budget the workload runs once, in a guest of its own", async () => {
  const { nodes, given } = exercise(ratio(1));
  expect((await exerciseWorkload(given)).outcome).toEqual({ status: "pass", findings: [] });
  expect(nodes.released).toBe(1);
  const ejected = exercise(() => ({ kind: "ejected" }));
  expect((await exerciseWorkload(ejected.given)).outcome).toMatchObject({
    status: "reject",
    findings: [{ rule: "exercise/stall" }],
  });
});
