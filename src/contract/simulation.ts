// What a simulation says of a policy: a verdict with findings, and what each simulated run was like
// beside the model of the kernel's default scheduler. Deterministic: the same request gives the same
// document, so nothing in it comes from a clock.

import { z } from "zod";
import { policyIdentitySchema } from "./policy.ts";
import { findingSchema } from "./verdict.ts";

/** Why a scheduler left: the kernel's enum scx_exit_kind and its words. */
const simulatedExitSchema = z.strictObject({
  kind: z.number().int(),
  code: z.number(),
  reason: z.string(),
  message: z.string(),
  /** Virtual time at which it left, ms. */
  atMs: z.number(),
});

/** One run under one scheduler. All times are virtual. */
export const simulatedRunSchema = z.strictObject({
  /** From the start to the last exit of a task that is not in the background, ms; else the run's length. */
  makespanMs: z.number(),
  /** Every task that is not in the background exited in time. */
  finished: z.boolean(),
  /**
   * Times from wanting a CPU to having one, ms; null where nobody ever wanted one. In the suite waits are
   * not counted one by one: percentiles are null there.
   */
  waitMs: z
    .strictObject({
      p50: z.number().nullable(),
      p95: z.number().nullable(),
      p99: z.number().nullable(),
      max: z.number(),
    })
    .nullable(),
  /**
   * Jain's index (0..1) over the tasks' CPU share while they lived (CPU time ÷ lifetime), averaged over
   * entries with more than one task: as the measured metric `fairness`. Null without such an entry.
   */
  fairness: z.number().nullable(),
  /** CPU time of the tasks ÷ time that the CPUs were there for them, up to the makespan, percent. */
  utilisationPercent: z.number(),
  switches: z.number().int(),
  migrations: z.number().int(),
  exit: simulatedExitSchema.nullable(),
});
export type SimulatedRun = z.infer<typeof simulatedRunSchema>;

/** A scenario under the policy and, where the two are compared, under the default scheduler's model. */
export const simulatedScenarioSchema = z.strictObject({
  name: z.string(),
  seed: z.number().int(),
  cpus: z.number().int(),
  tasks: z.number().int(),
  /** Virtual time that the run under the policy took, ms. */
  simulatedMs: z.number(),
  /** Scheduling events of that run. */
  events: z.number().int(),
  policy: simulatedRunSchema,
  default: simulatedRunSchema.nullable(),
  /** Findings that this scenario gave, one a rule and severity. */
  findings: z.array(
    z.strictObject({ rule: z.string(), severity: z.enum(["error", "warning", "note"]) }),
  ),
});
export type SimulatedScenario = z.infer<typeof simulatedScenarioSchema>;

/** The stored comparison with the real kernel that this model was last held against. */
export const fidelitySchema = z.object({
  worstMakespanRatioErrorPercent: z.number(),
  policies: z.number().int(),
  date: z.string(),
});
export type Fidelity = z.infer<typeof fidelitySchema>;

export const simulationReportSchema = z.strictObject({
  verdict: z.enum(["pass", "reject", "inconclusive"]),
  policy: policyIdentitySchema,
  /** Always true: no kernel ran. */
  simulated: z.literal(true),
  /** The adversarial suite, a workload, or a scenario that was given. */
  subject: z.enum(["suite", "workload", "scenario"]),
  /** Name of the workload or scenario; null for the suite. */
  name: z.string().nullable(),
  seed: z.number().int(),
  /** Machine that was asked for; null where each scenario of the suite brings its own. */
  topology: z.string().nullable(),
  /** Kernel whose types and rules were used. */
  kernel: z.string(),
  /** What the policy needs and the simulator does not model, by name. */
  unsupported: z.array(z.strictObject({ kind: z.string(), name: z.string(), program: z.string() })),
  findings: z.array(findingSchema),
  scenarios: z.array(simulatedScenarioSchema),
  /** Where times of the workload's tasks come from; null for the suite and for a scenario. */
  timesFrom: z.string().nullable(),
  fidelity: fidelitySchema.nullable(),
});
export type SimulationReport = z.infer<typeof simulationReportSchema>;
