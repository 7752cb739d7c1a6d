// Why a scheduler left, in plain words: what `explain` answers. Evidence quotes what others wrote (a kernel,
// a policy, a task's name): it is escaped and bounded, and data to whoever reads it.

import { z } from "zod";

export const explanationSchema = z.strictObject({
  /** What was explained: a scheduler's exit, a load that was refused, or something stored. */
  kind: z.enum(["exit", "refusal", "verdict", "measurement", "result"]),
  /** Stable, `<group>/<cause>`: `stall/real-time-task`, `error/wrong-cpu`, `exit/sysrq`. */
  cause: z.string(),
  /** Whose doing it was. `unknown` where what was given does not tell. */
  blame: z.enum(["scheduler", "real-time-task", "kernel", "administrator", "unknown"]),
  /** The cause in a few sentences. */
  summary: z.string(),
  /** What it was concluded from, a line each. */
  evidence: z.array(z.string()),
  /** What to do, the most useful first. */
  remedy: z.array(z.string()),
  /** A small workload for `schedcp simulate POLICY --scenario FILE`, which takes this document. */
  scenario: z.unknown().optional(),
});
export type Explanation = z.infer<typeof explanationSchema>;
