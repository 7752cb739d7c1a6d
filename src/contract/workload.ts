// A workload: what the user runs and what "better" means for it. The file format of `workloads/`
// and of every user's own; parsed from YAML in control/analysis, and sent to a node as it is.

import { z } from "zod";
import { limits } from "./limits.ts";

/** Names of workloads, entries and policies: they become file names, cgroup names and ops names. */
export const nameSchema = z
  .string()
  .min(1)
  .max(48)
  .regex(/^[a-z0-9][a-z0-9-]*$/, "use lower-case letters, digits and hyphens");

/**
 * Metrics that the node measures by itself, with their units.
 * - `makespan`: from the release of the first command to the exit of the last, seconds.
 * - `throughput`: commands finished per second of makespan.
 * - `latency-pNN`: percentile over the commands' times from release to exit, seconds.
 * - `wait-mean`: run-queue wait per time on a CPU's queue, milliseconds, from the guest's schedstat.
 * - `fairness`: Jain's index (0..1) over the commands' CPU share while they lived (CPU time / lifetime),
 *   averaged over entries with more than one command.
 * - `context-switches`: switches per second of makespan.
 */
export const builtinMetrics = {
  makespan: { unit: "s", better: "minimise" },
  throughput: { unit: "1/s", better: "maximise" },
  "latency-p50": { unit: "s", better: "minimise" },
  "latency-p95": { unit: "s", better: "minimise" },
  "latency-p99": { unit: "s", better: "minimise" },
  "wait-mean": { unit: "ms", better: "minimise" },
  fairness: { unit: "", better: "maximise" },
  "context-switches": { unit: "1/s", better: "minimise" },
} as const;

export type BuiltinMetric = keyof typeof builtinMetrics;

export function isBuiltinMetric(name: string): name is BuiltinMetric {
  return Object.hasOwn(builtinMetrics, name);
}

const commandSchema = z.string().min(1).max(limits.workloadCommandCharsMax);

/** A metric: built in, or a number found in the output by `pattern` (first group; last match wins). */
const metricFields = {
  metric: nameSchema,
  /** Regular expression with one group that holds the number. Its presence makes a metric the user's own. */
  pattern: z.string().min(1).max(512).optional(),
  /** Entry of `run` whose output is searched; all of them where it is not given. */
  from: nameSchema.optional(),
  unit: z.string().max(16).optional(),
};

export const workloadSchema = z.strictObject({
  name: nameSchema,
  description: z.string().max(2000).optional(),
  /** Factor of the sizes that commands mark, such as `{{3000}}`. Commands of a parsed workload have it applied. */
  scale: z.number().min(limits.workloadScaleMin).max(limits.workloadScaleMax).optional(),
  /** Untimed; run one after the other in the private directory before every measured run. */
  setup: z
    .array(z.strictObject({ command: commandSchema }))
    .max(limits.workloadSetupCommandsMax)
    .default([]),
  /** Started together, in order, through `sh -c`, in the private directory. */
  run: z
    .array(
      z.strictObject({
        name: nameSchema,
        count: z.number().int().min(1).max(limits.workloadProcessesMax).default(1),
        command: commandSchema,
        /** Ends when every other command has ended (a server): it is then stopped and its status not counted. */
        background: z.boolean().default(false),
      }),
    )
    .min(1)
    .max(limits.workloadEntriesMax),
  objective: z.strictObject({ ...metricFields, direction: z.enum(["minimise", "maximise"]) }),
  guardrails: z
    .array(
      z.strictObject({
        ...metricFields,
        direction: z.enum(["minimise", "maximise"]).optional(),
        /** The worst regression that is allowed, in percent of the default scheduler's value. */
        worstPercent: z.number().min(0).max(1000),
      }),
    )
    .max(16)
    .default([]),
  /** Programs that must be in the guest, by command name. */
  requires: z
    .array(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}$/))
    .max(64)
    .default([]),
  measure: z
    .strictObject({
      pairs: z.number().int().min(limits.workloadPairsMin).max(limits.workloadPairsMax).default(8),
      /** Each arm is run for so long, uncounted, after every attach. */
      warmUpSeconds: z.number().min(0).max(60).default(1.5),
      /** One run may take so long; longer is an error, not a measurement. */
      timeLimitSeconds: z.number().min(1).max(limits.workloadTimeLimitSecondsMax).default(120),
      /** CPUs and memory of the guest. */
      cpus: z.number().int().min(1).max(64).default(2),
      memoryMib: z.number().int().min(256).max(65536).default(1024),
    })
    .prefault({}),
  /** Free text for the agent: what the owner wants. Data, never an instruction to the control plane. */
  intent: z.string().max(4000).optional(),
});

export type Workload = z.infer<typeof workloadSchema>;
