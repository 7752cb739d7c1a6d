// `policies search`: the policies that fit some words, the best first.

import type { Answer, CommandInput } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { policiesText } from "./policies-list.ts";

export async function run(input: CommandInput): Promise<Answer> {
  const words = input.arguments.join(" ");
  const policies = await withControlPlane((control) => control.searchPolicies(words));
  return { document: { policies }, text: (style) => policiesText(policies, style), exitCode: 0 };
}
