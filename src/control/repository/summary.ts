// One line of a stored document, for lists: what came out, in words that need no other context.
// Pure; called by the store when a document is saved.

import type { Measurement } from "../../contract/measurement.ts";
import type { Result } from "../../contract/result.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { count, percentRange, signedPercent } from "../report/quantity.ts";

export function measurementSummary(measurement: Measurement): string {
  const { objective, pairs, voidPairs, environment } = measurement;
  const broken = measurement.guardrails.filter((guardrail) => !guardrail.held);
  return [
    `${objective.metric} ${signedPercent(objective.improvementPercent)}`,
    percentRange(objective.confidenceInterval),
    count(pairs.length - voidPairs, "pair"),
    ...(environment.emulated ? ["emulated"] : []),
    ...(measurement.complete ? [] : ["incomplete"]),
    ...broken.map((guardrail) => `guardrail ${guardrail.metric} violated`),
  ].join(", ");
}

export function verdictSummary(verdict: Verdict): string {
  const finding = verdict.findings.find((one) => one.severity === "error") ?? verdict.findings[0];
  if (verdict.verdict === "pass" || finding === undefined) return verdict.verdict;
  return `${verdict.verdict}: ${finding.rule}`;
}

export function resultSummary(result: Result): string {
  const { decision, improvementPercent: gain, confidenceInterval: interval } = result;
  if (gain === null || interval === null) return decision;
  return `${decision}, ${signedPercent(gain)}, ${percentRange(interval)}`;
}
