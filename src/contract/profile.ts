// What analysis learnt of a workload. First form: one run under the default scheduler.

import { z } from "zod";
import { environmentSchema } from "./measurement.ts";

/** Of the processes of one entry, medians over them. */
export const entryProfileSchema = z.strictObject({
  name: z.string(),
  count: z.number().int(),
  background: z.boolean(),
  lifetimeMs: z.number(),
  cpuMs: z.number(),
  /** CPU time ÷ lifetime, 0..1 (above 1 for parallel ones). */
  cpuShare: z.number(),
  waitMs: z.number(),
  switchesPerSecond: z.number(),
  /** Share of switches that were voluntary, 0..1: near 1 sleeps often, near 0 is a CPU hog. */
  voluntaryShare: z.number(),
});
export type EntryProfile = z.infer<typeof entryProfileSchema>;

export const workloadProfileSchema = z.strictObject({
  workload: z.string(),
  workloadSha256: z.string(),
  environment: environmentSchema,
  makespanMs: z.number(),
  entries: z.array(entryProfileSchema),
  /** CPU time of all entries ÷ (makespan × CPUs), 0..1. */
  utilisation: z.number(),
  /** Longest median CPU time of an entry ÷ the shortest: how unequal the jobs are. */
  imbalance: z.number(),
  contextSwitchesPerSecond: z.number(),
  /** Processes that want the CPU per CPU, at the start. */
  oversubscription: z.number(),
  /** `batch-imbalanced`, `batch-uniform`, `request-response`, `message-passing`, `mixed`. */
  kind: z.enum([
    "batch-imbalanced",
    "batch-uniform",
    "request-response",
    "message-passing",
    "mixed",
  ]),
  /** A few plain sentences, at most 150 tokens. */
  summary: z.string(),
});
export type WorkloadProfile = z.infer<typeof workloadProfileSchema>;
