// `policies list`: every policy of the library, a line each.

import type { PolicySummary } from "../../control/control-plane.ts";
import type { Answer } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { columns, hanging, printable, type TextStyle } from "../terminal-text.ts";

const width = 78;

export async function run(): Promise<Answer> {
  const policies = await withControlPlane((control) => control.searchPolicies(""));
  return { document: { policies }, text: (style) => policiesText(policies, style), exitCode: 0 };
}

export function policiesText(policies: readonly PolicySummary[], style: TextStyle): string {
  if (policies.length === 0) return "No policy fits. `schedcp policies list` shows all.";
  const nameWidth = Math.max(...policies.map((policy) => policy.name.length));
  const rows = policies.map(({ name, summary }) => [
    style.bold(printable(name)),
    hanging(printable(summary), nameWidth + 2, width),
  ]);
  return columns(rows, "ll", "");
}
