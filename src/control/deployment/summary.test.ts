import { describe, expect, test } from "vitest";
import type { Pair } from "../../contract/measurement.ts";
import { workloadSchema } from "../../contract/workload.ts";
import { firstArms, makePair, voidReason } from "./pair.ts";
import { seededRandom } from "./random.ts";
import { summarisePairs } from "./summary.ts";

const workload = workloadSchema.parse({
  name: "w",
  run: [{ name: "a", command: "true" }],
  objective: { metric: "makespan", direction: "minimise" },
  guardrails: [
    { metric: "latency-p99", worstPercent: 10 },
    { metric: "errors", pattern: "errors ([0-9]+)", direction: "minimise", worstPercent: 50 },
  ],
});

interface Values {
  makespan: [number, number];
  latency: [number, number];
  errors?: [number, number];
  steal?: [number, number];
}

function pair(index: number, values: Values): Pair {
  const sample = (arm: 0 | 1) => ({
    metrics: {
      makespan: values.makespan[arm],
      "latency-p99": values.latency[arm],
      errors: values.errors?.[arm] ?? 0,
    },
    tasks: [],
    stealPercent: values.steal?.[arm] ?? 0,
  });
  return makePair({
    index,
    first: "default",
    objective: "makespan",
    default: sample(0),
    candidate: sample(1),
  });
}

/** 8 pairs with a little of everything; the candidate's makespan is 0.8 of the default's. */
function pairs(change: (index: number) => Partial<Values> = () => ({})): Pair[] {
  return Array.from({ length: 8 }, (_, index) => {
    const base = 3 + (index % 4) * 0.1;
    const wobble = 1 + ((index * 7) % 5) * 0.01;
    return pair(index, {
      makespan: [base, base * 0.8 * wobble],
      latency: [base, base * wobble],
      ...change(index),
    });
  });
}

describe("summarisePairs", () => {
  test("a candidate that takes 0.8 of the time improves by about 20 %", () => {
    const { objective, others, guardrails } = summarisePairs(pairs(), workload);
    expect(objective.improvementPercent).toBeGreaterThan(17);
    expect(objective.improvementPercent).toBeLessThan(20.1);
    const [low, high] = objective.confidenceInterval;
    expect(low).toBeLessThan(objective.improvementPercent);
    expect(high).toBeGreaterThan(objective.improvementPercent);
    expect(low).toBeGreaterThan(10);
    expect(others.map((change) => change.metric)).toEqual(["latency-p99", "errors"]);
    expect(guardrails.map((guardrail) => guardrail.held)).toEqual([true, true]);
  });

  test("a guardrail holds by proof only: a noisy metric fails it", () => {
    const noisy = pairs((index) => ({ latency: [1, index % 2 === 0 ? 0.5 : 1.6] }));
    const { guardrails } = summarisePairs(noisy, workload);
    expect(guardrails[0]?.held).toBe(false);
  });

  test("a metric that is 0 by default may not get worse at all", () => {
    const { guardrails, others } = summarisePairs(
      pairs((index) => ({ errors: [0, index === 3 ? 4 : 0] })),
      workload,
    );
    expect(others.find(({ metric }) => metric === "errors")?.improvementPercent).toBe(-100);
    expect(guardrails[1]?.held).toBe(false);
  });

  test("void pairs stay in, but do not count", () => {
    const taken = pairs((index) => (index === 0 ? { makespan: [3, 30], steal: [0, 60] } : {}));
    const { objective, voidPairs, pairs: kept } = summarisePairs(taken, workload);
    expect(voidPairs).toBe(1);
    expect(kept).toHaveLength(8);
    expect(kept[0]?.void).toContain("the host stole CPU time");
    expect(objective.improvementPercent).toBeGreaterThan(15);
    expect(objective.candidate.max).toBeLessThan(4);
  });

  test("nothing but void pairs is shown with an interval that decides nothing", () => {
    const { objective, voidPairs } = summarisePairs(
      pairs(() => ({ steal: [40, 40] })),
      workload,
    );
    expect(voidPairs).toBe(8);
    expect(objective.confidenceInterval).toEqual([-1000, 1000]);
  });
});

describe("pairs", () => {
  test("steal voids where one arm had more of it, or any had far too much", () => {
    const reason = (byDefault: number, candidate: number) =>
      voidReason({ default: { stealPercent: byDefault }, candidate: { stealPercent: candidate } });
    expect(reason(2, 4)).toBeNull();
    expect(reason(15, 17)).toBeNull();
    expect(reason(1, 8)).toContain("one run only");
    expect(reason(27, 26)).toContain("27.0 % under the default");
  });

  test("each arm is first once in every two pairs, by chance", () => {
    const order = (seed: number) => {
      const firsts = firstArms(seededRandom(seed));
      return Array.from({ length: 8 }, () => firsts.next().value);
    };
    for (let seed = 0; seed < 20; seed++) {
      const drawn = order(seed);
      for (let index = 0; index < 8; index += 2) expect(drawn[index]).not.toBe(drawn[index + 1]);
    }
    expect(
      new Set(Array.from({ length: 20 }, (_, seed) => order(seed).join())).size,
    ).toBeGreaterThan(4);
  });
});
