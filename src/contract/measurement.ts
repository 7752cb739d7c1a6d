// Numbers taken while a workload runs, always against the kernel's default scheduler, interleaved.

import { z } from "zod";
import { policyIdentitySchema } from "./policy.ts";

/** One process that the workload started itself. Times in ms since the release of the run. */
export const taskSampleSchema = z.strictObject({
  entry: z.string(),
  index: z.number().int(),
  startMs: z.number(),
  endMs: z.number(),
  userMs: z.number(),
  systemMs: z.number(),
  /** Time on a run queue (schedstat's run_delay of the main thread), ms. */
  waitMs: z.number(),
  /** Times it was put on a CPU. */
  runs: z.number().int(),
  voluntarySwitches: z.number().int(),
  involuntarySwitches: z.number().int(),
  maxRssKib: z.number().int(),
});
export type TaskSample = z.infer<typeof taskSampleSchema>;

/** A measured run: its metrics by name (built-in ones, and those found by pattern). */
export const runSampleSchema = z.strictObject({
  metrics: z.record(z.string(), z.number()),
  tasks: z.array(taskSampleSchema),
  /** Time that the host kept runnable vCPU threads waiting, in percent of vCPUs × run time. */
  stealPercent: z.number(),
});
export type RunSample = z.infer<typeof runSampleSchema>;

export const pairSchema = z.strictObject({
  index: z.number().int(),
  /** Which arm ran first, drawn at random. */
  first: z.enum(["default", "candidate"]),
  default: runSampleSchema,
  candidate: runSampleSchema,
  /** Objective of the candidate ÷ objective of the default. */
  ratio: z.number(),
  /** Set where the pair does not count, with the reason (the host stole time, a guest was lost). */
  void: z.string().optional(),
});
export type Pair = z.infer<typeof pairSchema>;

/** Where a measurement was taken. Two are comparable only where these agree. */
export const environmentSchema = z.strictObject({
  node: z.string(),
  kernel: z.string(),
  cpus: z.number().int(),
  memoryMib: z.number().int(),
  accelerator: z.enum(["kvm", "tcg", "none"]),
  /** True under software emulation: no caches, SMT or NUMA are modelled, so figures are labelled. */
  emulated: z.boolean(),
  imageSha256: z.string(),
});
export type Environment = z.infer<typeof environmentSchema>;

/** Of one arm over the counted pairs. */
export const spreadSchema = z.strictObject({
  median: z.number(),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
  /** Coefficient of variation, percent. */
  cvPercent: z.number(),
});
export type Spread = z.infer<typeof spreadSchema>;

/** Change of one metric, candidate against default; percent, positive is better. */
export const metricChangeSchema = z.strictObject({
  metric: z.string(),
  unit: z.string(),
  direction: z.enum(["minimise", "maximise"]),
  default: spreadSchema,
  candidate: spreadSchema,
  improvementPercent: z.number(),
  confidenceInterval: z.tuple([z.number(), z.number()]),
});
export type MetricChange = z.infer<typeof metricChangeSchema>;

export const measurementSchema = z.strictObject({
  id: z.string(),
  workload: z.string(),
  workloadSha256: z.string(),
  /** Null where both arms are the default scheduler (an A/A run: the noise floor). */
  policy: policyIdentitySchema.nullable(),
  environment: environmentSchema,
  startedAt: z.string(),
  seconds: z.number(),
  /** Seed of the order of arms. */
  seed: z.number().int(),
  objective: metricChangeSchema,
  /** All other metrics that both arms have. */
  others: z.array(metricChangeSchema),
  guardrails: z.array(
    z.strictObject({
      metric: z.string(),
      worstPercent: z.number(),
      improvementPercent: z.number(),
      confidenceInterval: z.tuple([z.number(), z.number()]),
      held: z.boolean(),
    }),
  ),
  /** Every pair, void ones too; outliers are kept. */
  pairs: z.array(pairSchema),
  voidPairs: z.number().int(),
  /** Guests lost to the emulator's own panic and run again. */
  guestsRetried: z.number().int(),
  complete: z.boolean(),
});
export type Measurement = z.infer<typeof measurementSchema>;

/** Counts in power-of-two buckets: bucket i holds waits in [2^i, 2^(i+1)) µs, bucket 0 also 0 µs. */
export const waitHistogramSchema = z.strictObject({
  entry: z.string(),
  buckets: z.array(z.number().int()),
});

/** `[cpu, entryIndex, pid, startUs, endUs]`: who ran where, since the release of the run. */
export const timelineSegmentSchema = z.tuple([
  z.number().int(),
  z.number().int(),
  z.number().int(),
  z.number(),
  z.number(),
]);

/** What a traced (uncounted) run shows: run-queue waits and a timeline. */
export const traceSchema = z.strictObject({
  entries: z.array(z.string()),
  waits: z.array(waitHistogramSchema),
  timeline: z.array(timelineSegmentSchema),
  /** Segments that did not fit the limit. */
  dropped: z.number().int(),
  makespanMs: z.number(),
});
export type Trace = z.infer<typeof traceSchema>;
