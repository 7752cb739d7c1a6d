// A production scheduler's own program (a user-space program with its own BPF objects) that the owner of
// a store took in by name, version and digest. It is run and watched, never read: no rule for policies is
// asked of it. Stored by control/repository, printed by the command line.

import { z } from "zod";
import { limits } from "./limits.ts";
import { nameSchema } from "./workload.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** As the program itself says it: `1.1.4`, `1.0.14-gd3f2a1b`. */
export const binaryVersionSchema = z
  .string()
  .max(64)
  .regex(/^\d[0-9A-Za-z.+_-]*$/);

export const enrolledBinarySchema = z.strictObject({
  name: nameSchema,
  version: binaryVersionSchema,
  sha256: sha256Schema,
  bytes: z.number().int().min(1).max(limits.binaryBytesMax),
  /** Shared libraries that it was enrolled with, and its dynamic linker; none for a static program. */
  libraries: z
    .array(z.strictObject({ path: z.string().max(4096), sha256: sha256Schema }))
    .max(limits.binaryLibrariesMax),
  /** ISO 8601, UTC. */
  enrolledAt: z.string().max(32),
});
export type EnrolledBinary = z.infer<typeof enrolledBinarySchema>;
