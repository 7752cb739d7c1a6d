// Inputs for the report's tests, made by a seeded function: an optimisation of the sample workload
// with six candidates and eight pairs, in the shape and size that the lab's runs have.

import type { Measurement, MetricChange, Pair, Spread } from "../../src/contract/measurement.ts";
import type { Parameters, PolicyIdentity } from "../../src/contract/policy.ts";
import type { WorkloadProfile } from "../../src/contract/profile.ts";
import type { Candidate, Result } from "../../src/contract/result.ts";
import type { Verdict } from "../../src/contract/verdict.ts";
import type { ReportInput } from "../../src/control/report/report-input.ts";
import { type Random, seeded, shareOut } from "./share-out.ts";

export const environment: Measurement["environment"] = {
  node: "lab",
  kernel: "7.2.12-cloud-amd64",
  cpus: 2,
  memoryMib: 1024,
  accelerator: "tcg",
  emulated: true,
  imageSha256: "5f2c1e0a".repeat(8),
};

export function policy(name: string, parameters: Parameters = {}): PolicyIdentity {
  return {
    name,
    sourceSha256: "a1b2c3d4".repeat(8),
    objectSha256: "09ab87cd".repeat(8),
    parameters,
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    median: sorted[sorted.length >> 1] ?? mean,
    mean,
    min: sorted[0] ?? mean,
    max: sorted.at(-1) ?? mean,
    cvPercent: (Math.sqrt(variance) / Math.abs(mean)) * 100,
  };
}

/** Metric → unit, direction, the default's value, and the candidate's ratio to it. */
const metrics: [string, string, MetricChange["direction"], number, number][] = [
  ["makespan", "s", "minimise", 3.12, 0.83],
  ["throughput", "1/s", "maximise", 6.73, 1.2],
  ["latency-p50", "s", "minimise", 1.92, 0.71],
  ["latency-p95", "s", "minimise", 2.09, 1.18],
  ["latency-p99", "s", "minimise", 3.12, 0.83],
  ["wait-mean", "ms", "minimise", 24.8, 3.4],
  ["fairness", "", "maximise", 0.93, 0.61],
  ["context-switches", "1/s", "minimise", 688, 0.22],
];

export interface MeasurementOptions {
  name?: string;
  parameters?: Parameters;
  pairs?: number;
  /** Of the objective, candidate ÷ default. */
  ratio?: number;
  /** Index of a pair that the host spoilt. */
  voidPair?: number;
}

export function measurement(seed: number, options: MeasurementOptions = {}): Measurement {
  const random = seeded(seed);
  const noise = () => 1 + (random() + random() + random() - 1.5) * 0.045;
  const made = metrics.map(([metric, unit, direction, value, ratio]) => ({
    metric,
    unit,
    direction,
    value,
    ratio: metric === "makespan" ? (options.ratio ?? ratio) : ratio,
  }));
  const pairs = Array.from({ length: options.pairs ?? 8 }, (_, index): Pair => {
    const drift = 1 + 0.06 * Math.sin(index / 2.3);
    const spoilt = index === options.voidPair;
    const run = (arm: "default" | "candidate") => ({
      metrics: Object.fromEntries(
        made.map(({ metric, value, ratio }) => [
          metric,
          value * drift * noise() * (arm === "candidate" ? ratio * (spoilt ? 1.22 : 1) : 1),
        ]),
      ),
      tasks: [],
      stealPercent: spoilt && arm === "candidate" ? 11.4 : random() * 1.8,
    });
    const [before, after] = [run("default"), run("candidate")];
    return {
      index,
      first: random() < 0.5 ? "default" : "candidate",
      default: before,
      candidate: after,
      ratio: (after.metrics.makespan ?? 1) / (before.metrics.makespan ?? 1),
      ...(spoilt
        ? {
            void: "the host stole CPU time from one run only: 0.4 % under the default, 11.4 % under the candidate",
          }
        : {}),
    };
  });
  const changes = made.map((metric) => change(metric, pairs));
  const [objective, ...others] = changes;
  if (objective === undefined) throw new RangeError("no metrics");
  const throughput = changes[1] ?? objective;
  return {
    id: `m-${seed}`,
    workload: "two-kinds-of-jobs",
    workloadSha256: "77e0d1c2".repeat(8),
    policy: policy(options.name ?? "longest-first", options.parameters ?? {}),
    environment,
    startedAt: "2026-11-22T22:08:31.120Z",
    seconds: 14.2 * pairs.length,
    seed,
    objective,
    others,
    guardrails: [
      {
        metric: "throughput",
        worstPercent: 5,
        improvementPercent: throughput.improvementPercent,
        confidenceInterval: throughput.confidenceInterval,
        held: true,
      },
    ],
    pairs,
    voidPairs: options.voidPair === undefined ? 0 : 1,
    guestsRetried: 1,
    complete: true,
  };
}

function change(
  metric: { metric: string; unit: string; direction: MetricChange["direction"] },
  pairs: readonly Pair[],
): MetricChange {
  const counted = pairs.filter((pair) => pair.void === undefined);
  const of = (arm: "default" | "candidate") =>
    counted.map((pair) => pair[arm].metrics[metric.metric] ?? 0);
  const [before, after] = [of("default"), of("candidate")];
  const logs = after.map((value, index) => Math.log(value / (before[index] ?? value)));
  const { mean } = spread(logs);
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
  const half = (2.4 * deviation) / Math.sqrt(logs.length);
  const improvement = (log: number) =>
    (metric.direction === "minimise" ? 1 - Math.exp(log) : Math.exp(log) - 1) * 100;
  const ends = [improvement(mean - half), improvement(mean + half)].sort((a, b) => a - b);
  return {
    ...metric,
    default: spread(before),
    candidate: spread(after),
    improvementPercent: improvement(mean),
    confidenceInterval: [ends[0] ?? 0, ends[1] ?? 0],
  };
}

export function verdict(of: PolicyIdentity, rejected = false): Verdict {
  return {
    verdict: rejected ? "reject" : "pass",
    policy: of,
    stages: [
      { stage: "compile", status: "pass", durationMs: 512 },
      { stage: "load", status: "pass", durationMs: 1310 },
      { stage: "exercise", status: rejected ? "reject" : "pass", durationMs: 4100 },
    ],
    findings: rejected
      ? [
          {
            rule: "exercise/stall",
            severity: "error",
            message:
              "The kernel ejected it: runnable task stall (gzip[412] failed to run for 5.012s).",
            hint: "Let tasks that waited long go first: age the key by the time a task has been queued, or set max_wait_ms.",
          },
        ]
      : [],
    evidence: {},
  };
}

const proposals: [string, Parameters, string, number, number | null, boolean][] = [
  [
    "longest-first",
    { slice_us: 20000, "hint.long": 1480, "hint.short": 198 },
    "Jobs differ 7.5 : 1 in length: starting the longest first shortens the tail.",
    0.83,
    null,
    false,
  ],
  [
    "longest-first",
    { slice_us: 5000 },
    "The same by estimate, without hints, in case names mislead.",
    0.87,
    null,
    false,
  ],
  [
    "batch-long-slices",
    { slice_us: 40000 },
    "Few voluntary switches: longer slices save switching.",
    0.985,
    2,
    false,
  ],
  ["fair-vtime", { slice_us: 8000 }, "A plain fair share as a control.", 1.01, 1, false],
  ["shortest-first", {}, "The opposite order as a control: it should be worse.", 1.06, 1, false],
  [
    "longest-first",
    { slice_us: 100000, max_wait_ms: 0 },
    "Without ageing, to see what ageing costs.",
    1,
    null,
    true,
  ],
];

function candidate(proposal: (typeof proposals)[number], index: number): Candidate {
  const [name, parameters, reason, ratio, eliminatedInRound, rejected] = proposal;
  const identity = policy(name, parameters);
  const pairs = eliminatedInRound === 1 ? 3 : 5;
  return {
    policy: identity,
    reason,
    verdict: verdict(identity, rejected),
    measurement: rejected ? null : measurement(90 + index, { name, parameters, ratio, pairs }),
    eliminatedInRound,
  };
}

export const profile: WorkloadProfile = {
  workload: "two-kinds-of-jobs",
  workloadSha256: "77e0d1c2".repeat(8),
  environment,
  makespanMs: 3140,
  entries: [
    {
      name: "short",
      count: 20,
      background: false,
      lifetimeMs: 1960,
      cpuMs: 198,
      cpuShare: 0.101,
      waitMs: 1750,
      switchesPerSecond: 34.2,
      voluntaryShare: 0.04,
    },
    {
      name: "long",
      count: 1,
      background: false,
      lifetimeMs: 3120,
      cpuMs: 1483,
      cpuShare: 0.475,
      waitMs: 1630,
      switchesPerSecond: 31.7,
      voluntaryShare: 0.02,
    },
  ],
  utilisation: 0.874,
  imbalance: 7.49,
  contextSwitchesPerSecond: 688,
  oversubscription: 10.5,
  kind: "batch-imbalanced",
  summary:
    "21 processes want 2 CPUs from the start and hardly ever sleep. One of them, long, needs 7.5 times the CPU time of the others and ends last, alone on one CPU while the other idles.",
};

export function traces(seed: number): ReportInput["traces"] {
  const random: Random = seeded(seed);
  const tasks = [
    ...Array.from({ length: 20 }, () => ({ entry: 0, cpuUs: 185_000 + random() * 25_000 })),
    { entry: 1, cpuUs: 1_480_000 },
  ];
  const entries = ["short", "long"];
  return [
    { label: "default", trace: shareOut({ entries, tasks, cpus: 2, policy: "fair" }, random) },
    {
      label: "longest-first",
      trace: shareOut({ entries, tasks, cpus: 2, policy: "longest-first" }, random),
    },
  ];
}

/** The sample: 20 short jobs and a long one on two CPUs, longest-first wins. */
export function reportInput(seed = 7): ReportInput {
  const [winner] = proposals;
  if (winner === undefined) throw new RangeError("no proposals");
  const best = measurement(seed, { name: winner[0], parameters: winner[1], voidPair: 5, pairs: 9 });
  const result: Result = {
    id: "r-20261122-2208",
    workload: "two-kinds-of-jobs",
    planner: "heuristic",
    startedAt: "2026-11-22T22:04:10.004Z",
    profile,
    baseline: { metric: "makespan", unit: "s", median: best.objective.default.median },
    best: { policy: policy(winner[0], winner[1]), measurement: best },
    improvementPercent: best.objective.improvementPercent,
    confidenceInterval: best.objective.confidenceInterval,
    decision: "promote",
    reason:
      "Measured on fresh runs, the whole interval is better than the default and every guardrail held.",
    candidates: proposals.map(candidate),
    cost: { tokensIn: 0, tokensOut: 0, usd: 0, toolCalls: 24, seconds: 218 },
    report: null,
  };
  return { result, traces: traces(seed) };
}
