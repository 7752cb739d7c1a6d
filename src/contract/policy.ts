// What the control plane knows of a policy beside its code: knobs, descriptions, parameters.

import { z } from "zod";
import { limits } from "./limits.ts";
import { nameSchema } from "./workload.ts";

/** A value that a knob can be given. Strings are for task names (comm), at most 15 bytes. */
export const parameterValueSchema = z.union([z.number().int(), z.boolean(), z.string().max(64)]);
export type ParameterValue = z.infer<typeof parameterValueSchema>;

/** Begins the name of a parameter that is a hint: `hint.<entry>`. */
export const hintPrefix = "hint.";

/**
 * Exact parameters of a deployment: knob name → value, and `hint.<entry>` → the expected CPU time
 * in milliseconds of a task of that entry (or cgroup), for policies that have a `hints` map.
 */
export const parameterNameSchema = z
  .string()
  .max(80)
  .regex(/^([a-z][a-z0-9_]*|hint\.[a-z0-9][a-z0-9-]*)$/, "is no knob's name and no hint.<entry>");
export const parametersSchema = z.record(parameterNameSchema, parameterValueSchema);
export type Parameters = z.infer<typeof parametersSchema>;

/** A `const volatile` global of the policy's C that is set before it is loaded. */
export const knobSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,47}$/),
  type: z.enum(["integer", "boolean", "string"]),
  default: parameterValueSchema,
  min: z.number().int().optional(),
  max: z.number().int().optional(),
  unit: z.string().max(16).optional(),
  description: z.string().min(1).max(400),
});
export type Knob = z.infer<typeof knobSchema>;

/** `policies/<name>/policy.yaml`. */
export const policyMetadataSchema = z.strictObject({
  name: nameSchema,
  /** One line. */
  summary: z.string().min(1).max(160),
  /** A paragraph: how it decides, in plain words. */
  description: z.string().min(1).max(2000),
  typicalUse: z.string().min(1).max(1000),
  notFor: z.string().min(1).max(1000),
  productionReady: z.boolean(),
  tags: z.array(nameSchema).max(32).default([]),
  /** Whether the object has a `hints` map (cgroup id → expected CPU time in ms). */
  hints: z.boolean().default(false),
  knobs: z.array(knobSchema).max(limits.knobsMax).default([]),
  licence: z.string().default("GPL-2.0-only"),
});
export type PolicyMetadata = z.infer<typeof policyMetadataSchema>;

/** Exactly which policy: what a verdict, a candidate and a deployment name. */
export const policyIdentitySchema = z.strictObject({
  name: nameSchema,
  sourceSha256: z.string(),
  objectSha256: z.string().optional(),
  parameters: parametersSchema,
});
export type PolicyIdentity = z.infer<typeof policyIdentitySchema>;
