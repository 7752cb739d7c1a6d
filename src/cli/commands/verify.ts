// `verify`: the verifier's verdict on a policy with exact parameters, or with --binary on a program that
// is enrolled. Only a pass is a yes (0).

import { SchedcpError } from "../../contract/errors.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { type Answer, argument, type CommandInput, listOption, textOption } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { parametersArgument, policyArgument } from "../policy-argument.ts";
import { verdictText } from "../verdict-text.ts";
import { workloadArgument } from "../workload-argument.ts";

export async function run(input: CommandInput): Promise<Answer> {
  if (input.options.binary === true) return answerOf(await verifyBinary(input));
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
  return answerOf(verdict);
}

function answerOf(verdict: Verdict): Answer {
  return {
    document: verdict,
    text: (style) => verdictText(verdict, style),
    exitCode: verdict.verdict === "pass" ? 0 : 1,
  };
}

/** Started as it comes, in trials of its own. */
async function verifyBinary(input: CommandInput): Promise<Verdict> {
  if (listOption(input, "set").length > 0 || textOption(input, "workload") !== undefined) {
    throw new SchedcpError("usage", "--binary goes with neither --set nor --workload", {
      hint: "An enrolled program is started without arguments and tried by the verifier's own trials.",
    });
  }
  const kernel = textOption(input, "kernel");
  const { progress, signal } = input;
  return withControlPlane(
    (control) => control.verifyEnrolled(argument(input, 0), { progress, signal }),
    kernel === undefined ? {} : { kernel },
  );
}
