// The decision: a fixed rule over the winner's confirmation, and what came before it in words.
// Nobody's opinion enters. Pure. Called by optimize.ts.

import { limits } from "../contract/limits.ts";
import type { Measurement, MetricChange } from "../contract/measurement.ts";
import type { Result } from "../contract/result.ts";

export type Decision = Pick<Result, "decision" | "reason">;

/**
 * Promote only where the whole 95 % interval of the objective is better than the default and every
 * guardrail held; too few counted pairs or an interruption are inconclusive; else the default stays.
 *
 * The interval is not widened for the number of candidates that were tried: screening only chooses
 * which one to confirm, and the confirmation's runs are fresh, so a lucky screening cannot flatter
 * it. The error rate of the whole is therefore that of the one test: a policy no better than the
 * default is promoted in at most 2.5 % of optimisations.
 */
export function decide(confirmation: Measurement, label: string, tried: number): Decision {
  const { objective, guardrails, pairs, voidPairs, complete } = confirmation;
  const counted = pairs.length - voidPairs;
  const found = `${label}: ${changeText(objective)} over ${counted} counted pairs`;
  const voided = voidPairs > 0 ? ` (${voidPairs} more were void: the host stole CPU time)` : "";
  if (!complete || counted < limits.workloadPairsMin) {
    return inconclusive(
      `${found}${voided}; it was not finished: ${limits.workloadPairsMin} pairs are the least that decide.`,
    );
  }
  if (objective.confidenceInterval[0] <= 0) {
    return keepDefault(`${found}${voided}: not better than the default beyond doubt.`);
  }
  const broken = guardrails.filter((guardrail) => !guardrail.held);
  if (broken.length > 0) {
    const said = broken.map(
      ({ metric, confidenceInterval, worstPercent }) =>
        `${metric} may be as low as ${percent(confidenceInterval[0])} (allowed: −${worstPercent} %)`,
    );
    return keepDefault(`${found}${voided}, but guardrails did not hold: ${said.join("; ")}.`);
  }
  const fresh = `Measured on fresh runs after ${tried} candidate${tried === 1 ? " was" : "s were"} tried, so the choice does not flatter it.`;
  const emulated = confirmation.environment.emulated
    ? " Emulated CPUs: caches, SMT and NUMA play no part in it."
    : "";
  return { decision: "promote", reason: `${found}${voided}. ${fresh}${emulated}` };
}

function changeText(change: MetricChange): string {
  const [low, high] = change.confidenceInterval;
  return `${change.metric} ${percent(change.improvementPercent)} (95 % interval ${percent(low)} to ${percent(high)}; positive is better)`;
}

export function keepDefault(reason: string): Decision {
  return { decision: "keep-default", reason: `${reason} The default stays.` };
}

export function inconclusive(reason: string): Decision {
  return { decision: "inconclusive", reason: `${reason} The default stays.` };
}

export function percent(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`;
}
