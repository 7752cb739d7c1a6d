// An explanation of a finding: whose doing it was, and what to do. Pure.

import type { Explanation } from "../../contract/explanation.ts";
import type { Finding } from "../../contract/verdict.ts";

/** Findings that say nothing against the policy: the lab could not tell. */
const undecided = /\/(?:undecided|limit|unsupported)$/;

export function explainFinding(kind: Explanation["kind"], finding: Finding): Explanation {
  const [summary = "", ...evidence] = finding.message.split("\n");
  const { location } = finding;
  const scenario = scenarioIn(finding.counterexample);
  return {
    kind,
    cause: finding.rule,
    blame: undecided.test(finding.rule) ? "unknown" : "scheduler",
    summary: sentence(summary),
    evidence: [
      ...evidence,
      ...(location === undefined ? [] : [`at ${location.file}:${location.line}`]),
    ],
    remedy: [finding.hint],
    ...(scenario === undefined ? {} : { scenario }),
  };
}

/** A counterexample of the simulator has the scenario that shows it. */
function scenarioIn(counterexample: unknown): unknown {
  if (typeof counterexample !== "object" || counterexample === null) return undefined;
  return "scenario" in counterexample ? counterexample.scenario : undefined;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const first = trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
