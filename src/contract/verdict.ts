// What the verifier says. A verdict holds for the exact object and parameters it names.

import { z } from "zod";
import { binaryVersionSchema } from "./enrolled-binary.ts";
import { policyIdentitySchema } from "./policy.ts";

export const stageNames = [
  "input",
  "compile",
  "admission",
  "static",
  "simulate",
  "load",
  "exercise",
] as const;
export type StageName = (typeof stageNames)[number];

export const findingSchema = z.strictObject({
  /** `<stage>/<rule>`, stable: `compile/error`, `load/kernel-verifier`, `exercise/stall`. */
  rule: z.string(),
  severity: z.enum(["error", "warning", "note"]),
  message: z.string(),
  /** How to mend it: written so that a language model can act on it. */
  hint: z.string(),
  location: z
    .strictObject({ file: z.string(), line: z.number().int(), column: z.number().int().optional() })
    .optional(),
  counterexample: z.unknown().optional(),
});
export type Finding = z.infer<typeof findingSchema>;

export const stageResultSchema = z.strictObject({
  stage: z.enum(stageNames),
  /** `not-run` after a rejection, of an object's compilation, and where `reason` says why. */
  status: z.enum(["pass", "reject", "inconclusive", "not-run"]),
  durationMs: z.number(),
  /** Why this stage is never run for what was judged. */
  reason: z.string().max(200).optional(),
});
export type StageResult = z.infer<typeof stageResultSchema>;

export const verdictSchema = z.strictObject({
  verdict: z.enum(["pass", "reject", "inconclusive"]),
  policy: policyIdentitySchema,
  /**
   * Only of a production scheduler's own program: it was enrolled by these and judged by running it, by
   * no rule for policies. `policy.sourceSha256` is the program's digest then.
   */
  enrolledBinary: z
    .strictObject({ version: binaryVersionSchema, sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .optional(),
  stages: z.array(stageResultSchema),
  findings: z.array(findingSchema),
  /** Digests and facts that the verdict rests on (kernel release, image, headers, restores retried). */
  evidence: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  token: z.string().optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;
