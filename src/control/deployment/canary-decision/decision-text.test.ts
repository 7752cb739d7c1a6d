import { expect, test } from "vitest";
import { CanaryTest } from "./canary-test.ts";
import { decisionText } from "./decision-text.ts";
import type { CanaryPlan } from "./plan.ts";

const plan: CanaryPlan = {
  objective: { metric: "throughput", direction: "maximise" },
  guardrails: [{ metric: "wait", direction: "minimise", worstPercent: 10 }],
  candidateNumber: 1,
  pairsPerBlock: 1,
  pairsMax: 40,
  voidPairsMax: 10,
};

function textOf(given: CanaryPlan, pairs: number, throughput: number, wait: number): string {
  const canary = new CanaryTest(given);
  for (let block = 0; block < pairs; block++) {
    canary.add({
      block,
      first: "default",
      default: { throughput: 100, wait: 10 },
      candidate: { throughput, wait },
      ...(block === 1 ? { void: "steal" } : {}),
    });
  }
  return decisionText(canary.decision, canary.evidence());
}

test("tells a reader what was decided, how sure it is, and what it needed", () => {
  expect(textOf(plan, 20, 120, 10)).toMatchInlineSnapshot(`
    "Promote, after 7 pairs (and 1 void): the objective is better, and no guardrail is worse than it may be.
      throughput (objective): +20.0 % (+13.0 … +35.6 %, at all times with 94.5 %) in 7 blocks; better 45 : 1 (established, 33 : 1 needed)
      wait (guardrail, worst allowed −10.0 %): 0 % (−6.2 … +11.5 %, at all times with 94.5 %) in 7 blocks; holds 37 : 1 (established, 33 : 1 needed)"
  `);
  expect(textOf(plan, 20, 120, 15)).toMatchInlineSnapshot(`
    "Revert, after 7 pairs (and 1 void): wait is worse than its guardrail allows.
      throughput (objective): +20.0 % (+13.0 … +35.6 %, at all times with 94.5 %) in 7 blocks; better 45 : 1 (established, 33 : 1 needed)
      wait (guardrail, worst allowed −10.0 %): −50.0 % (−59.3 … −32.7 %, at all times with 94.5 %) in 7 blocks; broken 50 : 1 (established, 40 : 1 needed)"
  `);
  expect(textOf(plan, 2, 120, 10)).toMatchInlineSnapshot(`
    "Not decided yet, after 1 pair (and 1 void).
      throughput (objective): +20.0 % (−100.0 … +1000.0 %, at all times with 94.5 %) in 1 block; better 1.6 : 1 (not established, 33 : 1 needed)
      wait (guardrail, worst allowed −10.0 %): 0 % (−1000.0 … +100.0 %, at all times with 94.5 %) in 1 block; holds 1.5 : 1 (not established, 33 : 1 needed)"
  `);
  expect(textOf({ ...plan, objective: null }, 20, 120, 10)).toMatchInlineSnapshot(`
    "Inconclusive, after 7 pairs (and 1 void): nothing is worse than it may be, but there was no objective to be better in; name a metric that can be sampled as the objective. The default stays.
      wait (guardrail, worst allowed −10.0 %): 0 % (−6.2 … +1.9 %, at all times with 92.0 %) in 7 blocks; holds 37 : 1 (established, 33 : 1 needed)"
  `);
});

test("says when nothing was sampled", () => {
  expect(textOf(plan, 0, 120, 10)).toContain("throughput (objective): not sampled");
});
