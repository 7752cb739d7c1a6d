// How often a canary's decision is wrong when it is looked at after every pair, how often it finds a real
// effect, and after how many pairs; for several shapes of noise, and for what breaks its assumptions.
// Run: `sh bin/node bench/statistics/peeking.ts [RUNS] [SEED]`.

import {
  falsePromotionMax,
  falseRevertMax,
  promotionLevel,
} from "../../src/control/deployment/canary-decision/error-rate.ts";
import type { CanaryPlan } from "../../src/control/deployment/canary-decision/plan.ts";
import { type Random, seededRandom } from "../../src/control/deployment/random.ts";
import { median } from "../../src/control/deployment/statistics.ts";
import {
  fixedOrder,
  type NoiseName,
  noises,
  runCanary,
  type SimulatedCanary,
  type SimulatedMetric,
} from "./simulated-canary.ts";

const runs = Number(process.argv[2] ?? 2000);
const seed = Number(process.argv[3] ?? 20261125);
const names = Object.keys(noises) as NoiseName[];

const objective = { metric: "throughput", direction: "maximise" } as const;
const guardrails = ["wait", "latency-p99", "stalls"].map(
  (metric) => ({ metric, direction: "minimise", worstPercent: 10 }) as const,
);

function plan(change: Partial<CanaryPlan> = {}): CanaryPlan {
  return {
    objective,
    guardrails: [],
    candidateNumber: 1,
    pairsPerBlock: 2,
    pairsMax: 200,
    voidPairsMax: 100,
    ...change,
  };
}

/** `percent`: improvement of the objective, or regression of a guardrail. */
function metric(name: string, percent: number, noisePercent: number): SimulatedMetric {
  const effect = Math.log1p(percent / 100);
  return { metric: name, noiseSd: noisePercent / 100, effect: () => effect };
}

interface Outcome {
  promoted: number;
  reverted: number;
  /** Of the promoted ones; ∞ where none was. */
  medianPairs: number;
}

function outcomeOf(make: (random: Random) => SimulatedCanary): Outcome {
  const random = seededRandom(seed);
  const ended = Array.from({ length: runs }, () => runCanary(make(random), random));
  const of = (decision: string) => ended.filter((run) => run.decision.decision === decision);
  const pairs = of("promote").map((run) => run.pairs);
  return {
    promoted: pairs.length / runs,
    reverted: of("revert").length / runs,
    medianPairs: pairs.length === 0 ? Number.POSITIVE_INFINITY : median(pairs),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function print(title: string, outcome: Outcome): void {
  console.log(
    `  ${title}: promoted ${percent(outcome.promoted)}, reverted ${percent(outcome.reverted)}`,
  );
}

console.log(`${runs} runs each, seed ${seed}, a look after every pair, at most 200 pairs`);
console.log(
  `\nA/A, the objective alone (may promote ${percent(promotionLevel(1))}, revert ${percent(falseRevertMax)})`,
);
for (const noise of names) {
  print(
    noise,
    outcomeOf(() => ({ plan: plan(), metrics: [metric("throughput", 0, 5)], noise })),
  );
}

console.log("\nA/A, the objective and three guardrails of 10 %");
for (const noise of names) {
  const metrics = [
    metric("throughput", 0, 5),
    ...guardrails.map((each) => metric(each.metric, 0, 5)),
  ];
  print(
    noise,
    outcomeOf(() => ({ plan: plan({ guardrails }), metrics, noise })),
  );
}

console.log(
  "\nObjective 20 % better, one guardrail exactly as bad as it may be (promoting is wrong)",
);
for (const noise of names) {
  const metrics = [metric("throughput", 20, 5), metric("wait", 10, 5)];
  print(
    noise,
    outcomeOf(() => ({ plan: plan({ guardrails: guardrails.slice(0, 1) }), metrics, noise })),
  );
}

console.log(`\n20 candidates on one node, A/A (may ever promote ${percent(falsePromotionMax)})`);
for (const noise of ["normal", "outliers"] as const) {
  const random = seededRandom(seed);
  let promoted = 0;
  for (let node = 0; node < runs; node++) {
    const candidates = Array.from({ length: 20 }, (_, index) => index + 1);
    const ever = candidates.some((candidateNumber) => {
      const metrics = [metric("throughput", 0, 5)];
      const run = runCanary({ plan: plan({ candidateNumber }), metrics, noise }, random);
      return run.decision.decision === "promote";
    });
    if (ever) promoted++;
  }
  console.log(`  ${noise}: ${percent(promoted / runs)} of nodes`);
}

console.log("\nPower: promoted (median pairs); noise is the spread of one window's value");
const powerCases: [string, Partial<CanaryPlan>][] = [
  ["objective alone, A B B A", {}],
  ["three guardrails unchanged, A B B A", { guardrails }],
  ["three guardrails unchanged, the tenth candidate", { guardrails, candidateNumber: 10 }],
  ["objective alone, a coin for each pair", { pairsPerBlock: 1 }],
  ["three guardrails unchanged, a coin for each pair", { guardrails, pairsPerBlock: 1 }],
];
for (const [title, change] of powerCases) {
  console.log(` ${title}`);
  for (const noise of ["normal", "outliers", "heavy-tailed", "drifting"] as const) {
    for (const noisePercent of [5, 10]) {
      const cells = [3, 5, 10, 20].map((effect) => {
        const given = plan(change);
        const metrics = [
          metric("throughput", effect, noisePercent),
          ...given.guardrails.map((each) => metric(each.metric, 0, noisePercent)),
        ];
        const found = outcomeOf(() => ({ plan: given, metrics, noise }));
        return `+${effect} %: ${percent(found.promoted)} (${found.medianPairs})`;
      });
      console.log(`  ${noise}, ${noisePercent} %: ${cells.join("   ")}`);
    }
  }
}

console.log("\nHarm: reverted (the rest is undecided)");
for (const noisePercent of [5, 10]) {
  const cells = [5, 10, 20].map((worse) => {
    const metrics = [metric("throughput", -worse, noisePercent)];
    const found = outcomeOf(() => ({ plan: plan(), metrics, noise: "normal" }));
    return `objective −${worse} %: ${percent(found.reverted)}`;
  });
  const broken = outcomeOf(() => ({
    plan: plan({ guardrails }),
    metrics: [
      metric("throughput", 10, noisePercent),
      ...guardrails.map((each) =>
        metric(each.metric, each.metric === "wait" ? 20 : 0, noisePercent),
      ),
    ],
    noise: "normal",
  }));
  console.log(
    `  noise ${noisePercent} %: ${cells.join(", ")}; objective +10 % and a guardrail +20 % of 10 %: ${percent(broken.reverted)}, promoted ${percent(broken.promoted)}`,
  );
}

console.log("\nWhere an assumption fails, A/A on the objective alone");
for (const noise of [
  "normal",
  "skewed",
  "autocorrelated 0.5",
  "autocorrelated 0.9",
  "period of a block",
] as const) {
  const metrics = [metric("throughput", 0, 5)];
  print(
    `no coin, always A B B A, ${noise}`,
    outcomeOf(() => ({ plan: plan(), metrics, noise, order: fixedOrder() })),
  );
}
for (const leftPercent of [2, 5, 10]) {
  const metrics = [metric("throughput", 0, 5)];
  const carryOver = Math.log1p(-leftPercent / 100);
  print(
    `a window of the default right after one of the candidate is ${leftPercent} % worse`,
    outcomeOf(() => ({ plan: plan(), metrics, noise: "normal", carryOver })),
  );
}
for (const [share, gain, loss] of [
  [0.2, 0.05, -0.2],
  [0.05, 0.05, -0.95],
] as const) {
  const mixed: SimulatedMetric = {
    metric: "throughput",
    noiseSd: 0.05,
    effect: (random) => (random() < share ? loss : gain),
  };
  const said = `${percent(Math.exp(loss) - 1)} in a part of ${share} of the windows, ${percent(Math.exp(gain) - 1)} in the others (mean of logs 0)`;
  print(
    said,
    outcomeOf(() => ({ plan: plan(), metrics: [mixed], noise: "normal" })),
  );
}
