// How often a candidate without an effect is promoted or reverted when every pair is looked at:
// 2,000 simulated canaries for each shape of noise. More of them, and the power to find real effects:
// bench/statistics/peeking.ts.

import { expect, test } from "vitest";
import {
  fixedOrder,
  type NoiseName,
  runCanary,
  type SimulatedCanary,
} from "../../../../bench/statistics/simulated-canary.ts";
import { centreInterval } from "../interval.ts";
import { type Random, seededRandom } from "../random.ts";
import { falsePromotionMax, falseRevertMax, promotionLevel } from "./error-rate.ts";
import type { CanaryPlan } from "./plan.ts";
import { logAdvantage } from "./window-pair.ts";

const seed = 20261125;
const runs = 2000;

const plan: CanaryPlan = {
  objective: { metric: "throughput", direction: "maximise" },
  guardrails: [],
  candidateNumber: 1,
  pairsPerBlock: 2,
  pairsMax: 100,
  voidPairsMax: 100,
};
const wait = { metric: "wait", direction: "minimise", worstPercent: 10 } as const;
const throughputOf = (factor: number) => ({
  metric: "throughput",
  noiseSd: 0.05,
  effect: () => Math.log(factor),
});

/** The rate, and three standard errors of so many runs: a correct test stays within, whatever the seed. */
function tolerated(rate: number, of = runs): number {
  return rate + 3 * Math.sqrt((rate * (1 - rate)) / of);
}

function sharesOf(canary: SimulatedCanary): { promoted: number; reverted: number } {
  const random = seededRandom(seed);
  const count = { promote: 0, revert: 0, inconclusive: 0, continue: 0 };
  for (let run = 0; run < runs; run++) count[runCanary(canary, random).decision.decision]++;
  expect(count.continue).toBe(0);
  return { promoted: count.promote / runs, reverted: count.revert / runs };
}

test.each<NoiseName>([
  "normal",
  "skewed",
  "heavy-tailed",
  "outliers",
  "drifting",
  "random walk",
  "autocorrelated 0.9",
  "period of a block",
])("without an effect, in %s noise, with void pairs", (noise) => {
  const metrics = [throughputOf(1)];
  const { promoted, reverted } = sharesOf({ plan, metrics, noise, voidShare: 0.1 });
  expect(promoted).toBeLessThanOrEqual(tolerated(promotionLevel(1)));
  expect(reverted).toBeLessThanOrEqual(tolerated(falseRevertMax));
});

test("with a coin for each pair", () => {
  const given = { ...plan, pairsPerBlock: 1 as const };
  const { promoted, reverted } = sharesOf({
    plan: given,
    metrics: [throughputOf(1)],
    noise: "drifting",
  });
  expect(promoted).toBeLessThanOrEqual(tolerated(promotionLevel(1)));
  expect(reverted).toBeLessThanOrEqual(tolerated(falseRevertMax));
});

test.each<NoiseName>(["normal", "outliers"])(
  "a much better objective does not carry a guardrail that is as bad as it may be (%s)",
  (noise) => {
    const metrics = [
      throughputOf(1.2),
      { metric: "wait", noiseSd: 0.05, effect: () => Math.log(1.1) },
    ];
    const { promoted, reverted } = sharesOf({
      plan: { ...plan, guardrails: [wait] },
      metrics,
      noise,
    });
    expect(promoted).toBeLessThanOrEqual(tolerated(promotionLevel(1)));
    expect(reverted).toBeLessThanOrEqual(tolerated(falseRevertMax));
  },
);

test("ten candidates on one node, none with an effect: seldom is any ever promoted", () => {
  const random = seededRandom(seed);
  const nodes = 500;
  let promoted = 0;
  for (let node = 0; node < nodes; node++) {
    for (let candidateNumber = 1; candidateNumber <= 10; candidateNumber++) {
      const given = { ...plan, candidateNumber };
      const run = runCanary({ plan: given, metrics: [throughputOf(1)], noise: "normal" }, random);
      if (run.decision.decision !== "promote") continue;
      promoted++;
      break;
    }
  }
  expect(promoted / nodes).toBeLessThanOrEqual(tolerated(falsePromotionMax, nodes));
});

test.each([
  [1.03, 0.05, 0.85],
  [1.05, 0.05, 0.98],
  [1.1, 0.1, 0.98],
])(
  "an objective %d times the default's in noise of %d is promoted",
  (factor, noiseSd, shareMin) => {
    const metrics = [{ ...throughputOf(factor), noiseSd }];
    const { promoted, reverted } = sharesOf({ plan, metrics, noise: "normal" });
    expect(promoted).toBeGreaterThanOrEqual(shareMin);
    expect(reverted).toBeLessThanOrEqual(0.002);
  },
);

test("the simulation can tell: an interval for one look, looked at after every pair, promotes far too often", () => {
  const random = seededRandom(seed);
  let promoted = 0;
  for (let run = 0; run < 200; run++) if (isPromotedByOneLookInterval(random)) promoted++;
  expect(promoted / 200).toBeGreaterThan(3 * promotionLevel(1));
});

function isPromotedByOneLookInterval(random: Random): boolean {
  const logs: number[] = [];
  for (let pair = 0; pair < 30; pair++) {
    const values = () => ({ throughput: Math.exp((random() + random() + random() - 1.5) * 0.1) });
    const taken = {
      block: pair,
      first: "default",
      default: values(),
      candidate: values(),
    } as const;
    logs.push(logAdvantage({ metric: "throughput", direction: "maximise" }, taken) ?? 0);
    if (logs.length >= 6 && centreInterval(logs).low > 0) return true;
  }
  return false;
}

test("and without the coin, a disturbance with a block's period passes for an effect: draw the order", () => {
  const random = seededRandom(seed);
  const run = runCanary(
    { plan, metrics: [throughputOf(1)], noise: "period of a block", order: fixedOrder() },
    random,
  );
  expect(run.decision.decision).toBe("promote");
});
