// What is said where an exercise says nothing of the policy. Pure.

import type { Finding } from "../../../contract/verdict.ts";

export function undecidedFinding(message: string): Finding {
  const hint = "Run `schedcp verify` again; if it stays so, the policy may block the whole guest.";
  return { rule: "exercise/undecided", severity: "warning", message, hint };
}
