import { expect, test } from "vitest";
import type { Pair } from "../../../contract/measurement.ts";
import { workloadSchema } from "../../../contract/workload.ts";
import { seededRandom } from "../../deployment/random.ts";
import { PerformanceTest } from "./performance-test.ts";
import { alpha } from "./sequential-test.ts";

const workload = workloadSchema.parse({
  name: "job",
  run: [{ name: "a", command: "true" }],
  objective: { metric: "makespan", direction: "minimise" },
  guardrails: [{ metric: "latency-p99", worstPercent: 10 }],
});

function pair(makespanRatio: number, latencyRatio = makespanRatio): Pair {
  const sample = (makespan: number, latency: number) => ({
    metrics: { makespan, "latency-p99": latency },
    tasks: [],
    stealPercent: 0,
  });
  return {
    index: 0,
    first: "default",
    default: sample(2, 1),
    candidate: sample(2 * makespanRatio, latencyRatio),
    ratio: makespanRatio,
  };
}

/** Pairs until it answers, at most so many. */
function run(pairs: () => Pair, max: number): PerformanceTest {
  const performance = new PerformanceTest(workload);
  for (let taken = 0; taken < max && performance.answer === null; taken++) performance.add(pairs());
  return performance;
}

test.each([
  [0.8, 0.8, "better", []],
  [1.05, 1.05, "worse", ["warning exercise/slower"]],
  [1.2, 1.2, "guardrail broken", ["warning exercise/guardrail"]],
  [2.5, 2.5, "much worse", ["error exercise/much-slower"]],
])("ratios of %d (latency %d) end after seven pairs as %s", (ratio, latency, answer, findings) => {
  const ended = run(() => pair(ratio, latency), 40);
  expect(ended.pairs).toBe(7);
  expect(ended.answer).toBe(answer);
  expect(ended.findings().map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(findings);
});

test("void pairs do not count", () => {
  const performance = new PerformanceTest(workload);
  for (let taken = 0; taken < 20; taken++) performance.add({ ...pair(3), void: "steal" });
  expect(performance.pairs).toBe(0);
  expect(performance.answer).toBeNull();
});

test("without an effect, slower is told in at most 5 % of runs that look after each of 40 pairs", () => {
  const random = seededRandom(7);
  const noise = () => Math.exp((random() + random() + random() - 1.5) * 0.1);
  const runs = 1500;
  let slower = 0;
  let rejected = 0;
  for (let each = 0; each < runs; each++) {
    const findings = run(() => pair(noise(), 1), 40).findings();
    if (findings.some(({ rule }) => rule === "exercise/slower")) slower++;
    if (findings.some(({ severity }) => severity === "error")) rejected++;
  }
  expect(slower / runs).toBeLessThanOrEqual(alpha + 0.017);
  expect(rejected).toBe(0);
});

test("a policy at 1.8 times the makespan, in noise, is warned of and not rejected", () => {
  const random = seededRandom(11);
  let rejected = 0;
  for (let each = 0; each < 400; each++) {
    const ended = run(() => pair(1.8 * Math.exp((random() - 0.5) * 0.3), 1), 40);
    if (ended.findings().some(({ severity }) => severity === "error")) rejected++;
  }
  expect(rejected / 400).toBeLessThanOrEqual(alpha);
});
