// policy_verify: the verifier's verdict on a policy with exact parameters.

import { z } from "zod";
import {
  parametersInput,
  policyInput,
  policyNameInput,
  policyOf,
  workloadInput,
  workloadOf,
} from "../inputs.ts";
import { defineTool } from "../tool.ts";

const input = z.strictObject({
  policy: policyInput,
  name: policyNameInput,
  parameters: parametersInput,
  workload: workloadInput.optional(),
});

const output = z.strictObject({
  verdict: z.enum(["pass", "reject", "inconclusive"]),
  stages: z.record(z.string(), z.string()),
  findings: z.array(
    z.strictObject({
      rule: z.string(),
      severity: z.string(),
      message: z.string(),
      hint: z.string(),
      line: z.number().optional(),
    }),
  ),
});

const findingsMax = 8;

export const policyVerify = defineTool({
  name: "policy_verify",
  title: "Verify a policy",
  description:
    "Compile a sched_ext policy, load it into a real kernel in the lab, exercise it. A rejection says how to mend it. Include <scx/common.bpf.h>; knobs are `const volatile` globals.",
  input,
  output,
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  async run({ policy, name, parameters, workload }, { control, options }) {
    const request = {
      policy: policyOf(policy, name),
      parameters,
      ...(workload === undefined ? {} : { workload: await workloadOf(workload) }),
    };
    const verdict = await control.verify(request, options);
    const findings = verdict.findings.slice(0, findingsMax).map((finding) => ({
      rule: finding.rule,
      severity: finding.severity,
      message: finding.message,
      hint: finding.hint,
      ...(finding.location === undefined ? {} : { line: finding.location.line }),
    }));
    const stages = verdict.stages.map((stage) => [stage.stage, stage.status] as const);
    const told = findings.map(
      ({ rule, message, hint, line }) =>
        `${rule}${line === undefined ? "" : ` line ${line}`}: ${message}\n→ ${hint}`,
    );
    return {
      text: [verdict.verdict, ...told].join("\n"),
      content: { verdict: verdict.verdict, stages: Object.fromEntries(stages), findings },
    };
  },
});
