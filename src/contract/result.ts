// What `optimize` answers. Keeping the default is a first-class, good answer.

import { z } from "zod";
import { measurementSchema } from "./measurement.ts";
import { policyIdentitySchema } from "./policy.ts";
import { workloadProfileSchema } from "./profile.ts";
import { findingSchema, verdictSchema } from "./verdict.ts";

export const candidateSchema = z.strictObject({
  policy: policyIdentitySchema,
  /** Why the planner proposed it, in a sentence. */
  reason: z.string(),
  verdict: verdictSchema,
  /** Screening runs, or null where it was rejected or the run was interrupted before. */
  measurement: measurementSchema.nullable(),
  /** Round of successive halving in which it left; null for those that stayed to the end. */
  eliminatedInRound: z.number().int().nullable(),
  /** What ended its screening or confirmation: ejected, panicked, too slow, tasks failed. */
  failure: findingSchema.optional(),
});
export type Candidate = z.infer<typeof candidateSchema>;

export const resultSchema = z.strictObject({
  id: z.string(),
  workload: z.string(),
  planner: z.string(),
  startedAt: z.string(),
  profile: workloadProfileSchema.nullable(),
  /** The default scheduler's objective (median over the final pairs) and its unit. */
  baseline: z.strictObject({ metric: z.string(), unit: z.string(), median: z.number() }).nullable(),
  /** The winner as measured again on fresh runs; null where no candidate came that far. */
  best: z.strictObject({ policy: policyIdentitySchema, measurement: measurementSchema }).nullable(),
  improvementPercent: z.number().nullable(),
  confidenceInterval: z.tuple([z.number(), z.number()]).nullable(),
  decision: z.enum(["promote", "keep-default", "inconclusive"]),
  /** The decision in a sentence or two. */
  reason: z.string(),
  candidates: z.array(candidateSchema),
  cost: z.strictObject({
    tokensIn: z.number().int(),
    tokensOut: z.number().int(),
    usd: z.number(),
    toolCalls: z.number().int(),
    seconds: z.number(),
  }),
  /** Path of the HTML report. */
  report: z.string().nullable(),
});
export type Result = z.infer<typeof resultSchema>;
