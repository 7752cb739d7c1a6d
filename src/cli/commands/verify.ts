// `verify`: the verifier's verdict on a policy with exact parameters. Only a pass is a yes (0).

import { type Answer, argument, type CommandInput, listOption, textOption } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { parametersArgument, policyArgument } from "../policy-argument.ts";
import { verdictText } from "../verdict-text.ts";
import { workloadArgument } from "../workload-argument.ts";

export async function run(input: CommandInput): Promise<Answer> {
  const policy = await policyArgument(argument(input, 0));
  const named = textOption(input, "workload");
  const workload = named === undefined ? undefined : await workloadArgument(named, input);
  const kernel = textOption(input, "kernel");
  const request = {
    policy,
    parameters: parametersArgument(listOption(input, "set")),
    ...(workload === undefined ? {} : { workload }),
  };
  const { progress, signal } = input;
  const verdict = await withControlPlane(
    (control) => control.verify(request, { progress, signal }),
    kernel === undefined ? {} : { kernel },
  );
  return {
    document: verdict,
    text: (style) => verdictText(verdict, style),
    exitCode: verdict.verdict === "pass" ? 0 : 1,
  };
}
