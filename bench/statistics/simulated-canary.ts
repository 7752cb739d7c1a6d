// A node that exists in numbers only: windows with noise of several shapes and a candidate with a known
// effect, decided by the canary's own test. Shared by peeking.ts and the tests of the decision.

import { CanaryTest } from "../../src/control/deployment/canary-decision/canary-test.ts";
import type { CanaryDecision } from "../../src/control/deployment/canary-decision/decision.ts";
import type { CanaryPlan } from "../../src/control/deployment/canary-decision/plan.ts";
import {
  type WindowPair,
  type WindowValues,
  windowOrder,
} from "../../src/control/deployment/canary-decision/window-pair.ts";
import type { Random } from "../../src/control/deployment/random.ts";

/** What the machine adds to the log of a metric, window after window; of standard deviation about 1. */
export type Noise = () => number;

/** Each starts a new machine. */
export const noises = {
  normal: (random) => () => gaussian(random),
  /** To one side: most windows a little below, some far above. */
  skewed: (random) => () => -Math.log(1 - random()) - 1,
  /** Student's t with 2 degrees of freedom: no variance at all. */
  "heavy-tailed": (random) => () => {
    const squares = gaussian(random) ** 2 + gaussian(random) ** 2;
    return gaussian(random) / Math.sqrt(squares / 2);
  },
  /** One window of twenty ten times as far out, upwards. */
  outliers: (random) => () => gaussian(random) + (random() < 0.05 ? 10 : 0),
  /** A fifth of the noise higher with every window, for ever. */
  drifting: (random) => {
    let drift = 0;
    return () => {
      drift += 0.2;
      return gaussian(random) + drift;
    };
  },
  "random walk": (random) => {
    let level = 0;
    return () => {
      level += gaussian(random);
      return level;
    };
  },
  "autocorrelated 0.5": (random) => autoregression(random, 0.5),
  "autocorrelated 0.9": (random) => autoregression(random, 0.9),
  /** A disturbance with the period of a block of four windows. */
  "period of a block": (random) => {
    let window = 0;
    return () => {
      const phase = window++ % 4;
      return 0.5 * gaussian(random) + (phase === 0 || phase === 3 ? 1 : -1);
    };
  },
} satisfies Record<string, (random: Random) => Noise>;

export type NoiseName = keyof typeof noises;

/** AR(1): each window's noise is so much of the last one's, and the rest new. */
function autoregression(random: Random, correlation: number): Noise {
  let last = gaussian(random);
  return () => {
    last = correlation * last + Math.sqrt(1 - correlation ** 2) * gaussian(random);
    return last;
  };
}

/** Box and Muller. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface SimulatedMetric {
  metric: string;
  /** Of one window's log. */
  noiseSd: number;
  /** ln of candidate ÷ default in one window. */
  effect: (random: Random) => number;
}

export interface SimulatedCanary {
  plan: CanaryPlan;
  metrics: readonly SimulatedMetric[];
  noise: NoiseName;
  /** In place of the coin's orders. */
  order?: Iterator<Pick<WindowPair, "block" | "first">>;
  /** Part of the pairs that are void, whatever their values. */
  voidShare?: number;
  /** ln by which a window of the default is changed that comes right after one of the candidate. */
  carryOver?: number;
}

export interface CanaryRun {
  decision: CanaryDecision;
  pairs: number;
  test: CanaryTest;
}

/** Looks after every pair, until a decision. Every metric has noise of its own. */
export function runCanary(canary: SimulatedCanary, random: Random): CanaryRun {
  const { plan, metrics, voidShare = 0, carryOver = 0 } = canary;
  const order = canary.order ?? windowOrder(random, plan.pairsPerBlock);
  const sources = metrics.map(() => noises[canary.noise](random));
  const test = new CanaryTest(plan);
  let wasCandidate = false;
  const takeWindow = (isCandidate: boolean): WindowValues => {
    const left = wasCandidate && !isCandidate ? carryOver : 0;
    wasCandidate = isCandidate;
    const values = metrics.map(({ metric, noiseSd, effect }, index) => {
      const disturbance = noiseSd * (sources[index]?.() ?? 0);
      return [metric, Math.exp(disturbance + (isCandidate ? effect(random) : left))] as const;
    });
    return Object.fromEntries(values);
  };
  let pairs = 0;
  while (test.decision.decision === "continue") {
    const next = order.next();
    if (next.done === true) break;
    const candidateFirst = next.value.first === "candidate";
    const earlier = takeWindow(candidateFirst);
    const later = takeWindow(!candidateFirst);
    pairs++;
    test.add({
      ...next.value,
      default: candidateFirst ? later : earlier,
      candidate: candidateFirst ? earlier : later,
      ...(voidShare > 0 && random() < voidShare ? { void: "disturbed" } : {}),
    });
  }
  return { decision: test.decision, pairs, test };
}

/** Always A B B A, without a coin. */
export function* fixedOrder(): Generator<Pick<WindowPair, "block" | "first">, never> {
  for (let block = 0; ; block++) {
    yield { block, first: "candidate" };
    yield { block, first: "default" };
  }
}
