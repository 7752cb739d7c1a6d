// experiment: a measurement of a policy against the kernel's default scheduler. It takes minutes, and
// clients wait for a call for one at most, so a call that has waited long enough answers `running`,
// and the same call again goes on waiting for the same experiment.

import { z } from "zod";
import { limits } from "../../contract/limits.ts";
import type { Measurement } from "../../contract/measurement.ts";
import type { ExperimentRequest } from "../../control/control-plane.ts";
import { measurementSummary } from "../../control/repository/summary.ts";
import {
  parametersInput,
  policyInput,
  policyNameInput,
  policyOf,
  workloadInput,
  workloadOf,
} from "../inputs.ts";
import type { Jobs } from "../jobs.ts";
import { defineTool, type Tool } from "../tool.ts";

const input = z.strictObject({
  workload: workloadInput,
  policy: policyInput.optional(),
  name: policyNameInput,
  parameters: parametersInput,
  pairs: z.number().int().min(limits.workloadPairsMin).max(limits.workloadPairsMax).optional(),
  seed: z.number().int().min(0).optional(),
});

const change = z.strictObject({
  metric: z.string(),
  unit: z.string(),
  default: z.number().describe("median"),
  candidate: z.number().describe("median"),
  improvementPercent: z.number(),
  confidenceInterval: z.array(z.number()),
});

const output = z.strictObject({
  status: z.enum(["done", "running"]),
  measurement: z
    .strictObject({
      id: z.string(),
      objective: change,
      others: z.array(change),
      guardrails: z.array(z.strictObject({ metric: z.string(), held: z.boolean() })),
      pairs: z.number(),
      voidPairs: z.number(),
      complete: z.boolean(),
      emulated: z.boolean(),
    })
    .optional(),
});

export function experiment(jobs: Jobs<Measurement>): Tool {
  return defineTool({
    name: "experiment",
    title: "Measure a policy",
    description:
      "Measure a workload under a policy against the kernel's default scheduler, interleaved, on a real kernel in the lab. Without a policy: the noise floor. The server measures; an interval that includes 0 proves nothing. Status `running` means call again with the same arguments.",
    input,
    output,
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    async run(given, { control, options }) {
      const request: ExperimentRequest = {
        workload: await workloadOf(given.workload),
        policy: given.policy === undefined ? null : policyOf(given.policy, given.name),
        parameters: given.parameters,
        ...(given.pairs === undefined ? {} : { pairs: given.pairs }),
        ...(given.seed === undefined ? {} : { seed: given.seed }),
      };
      const job = jobs.start(JSON.stringify(given), (jobOptions) =>
        control.experiment(request, jobOptions),
      );
      const measurement = await jobs.wait(job, options);
      if (measurement === null) {
        return {
          text: "still running; call again with the same arguments to go on waiting",
          content: { status: "running" as const },
        };
      }
      return { text: measurementSummary(measurement), content: summarised(measurement) };
    },
  });
}

function summarised(measurement: Measurement): z.input<typeof output> {
  const { objective, others, guardrails, pairs, voidPairs, environment } = measurement;
  return {
    status: "done",
    measurement: {
      id: measurement.id,
      objective: brief(objective),
      others: others.map(brief),
      guardrails: guardrails.map(({ metric, held }) => ({ metric, held })),
      pairs: pairs.length,
      voidPairs,
      complete: measurement.complete,
      emulated: environment.emulated,
    },
  };
}

function brief(of: Measurement["objective"]): z.input<typeof change> {
  return {
    metric: of.metric,
    unit: of.unit,
    default: rounded(of.default.median),
    candidate: rounded(of.candidate.median),
    improvementPercent: rounded(of.improvementPercent),
    confidenceInterval: of.confidenceInterval.map(rounded),
  };
}

/** Four significant digits: no measurement here has more. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
