// `profile`: one run of a workload under the default scheduler, and what it is like.

import { type Answer, argument, type CommandInput, textOption } from "../command.ts";
import { assertNode, withControlPlane } from "../control.ts";
import { profileText } from "../profile-text.ts";
import { workloadArgument } from "../workload-argument.ts";

export async function run(input: CommandInput): Promise<Answer> {
  assertNode(textOption(input, "node"));
  const workload = await workloadArgument(argument(input, 0), input);
  const { progress, signal } = input;
  const profile = await withControlPlane((control) =>
    control.profile(workload, { progress, signal }),
  );
  return { document: profile, text: (style) => profileText(profile, style), exitCode: 0 };
}
