// `measure`: a workload under a policy against the kernel's default scheduler, interleaved. A no (1)
// where a guardrail is violated or too few pairs count.

import {
  type Answer,
  argument,
  type CommandInput,
  listOption,
  numberOption,
  textOption,
} from "../command.ts";
import { assertNode, withControlPlane } from "../control.ts";
import { measurementText } from "../measurement-text.ts";
import { parametersArgument, policyArgument } from "../policy-argument.ts";
import { workloadArgument } from "../workload-argument.ts";

export async function run(input: CommandInput): Promise<Answer> {
  assertNode(textOption(input, "node"));
  const workload = await workloadArgument(argument(input, 0), input);
  const named = textOption(input, "policy");
  const policy = named === undefined ? null : await policyArgument(named);
  const parameters = parametersArgument(listOption(input, "set"));
  const pairs = numberOption(input, "pairs");
  const seed = numberOption(input, "seed");
  const request = {
    workload,
    policy,
    parameters,
    ...(pairs === undefined ? {} : { pairs }),
    ...(seed === undefined ? {} : { seed }),
  };
  const { progress, signal } = input;
  const measurement = await withControlPlane((control) =>
    control.experiment(request, { progress, signal }),
  );
  const held = measurement.guardrails.every((guardrail) => guardrail.held);
  return {
    document: measurement,
    text: (style) => measurementText(measurement, style),
    exitCode: measurement.complete && held ? 0 : 1,
  };
}
