// A canary's decision and its evidence in words, for a terminal, a report or the audit log. Names of
// metrics are the plan's own. Pure.

import type {
  CanaryDecision,
  CanaryEvidence,
  InconclusiveReason,
  MetricEvidence,
  RevertCause,
} from "./decision.ts";

/** What was decided and why, then a line for each metric. */
export function decisionText(decision: CanaryDecision, evidence: CanaryEvidence): string {
  return [headline(decision, evidence), ...evidence.metrics.map(metricLine)].join("\n");
}

function headline(decision: CanaryDecision, { pairs, voidPairs }: CanaryEvidence): string {
  const more = voidPairs === 0 ? "" : ` (and ${voidPairs} void)`;
  const counted = `${plural(pairs, "pair")}${more}`;
  switch (decision.decision) {
    case "continue":
      return `Not decided yet, after ${counted}.`;
    case "promote":
      return `Promote, after ${counted}: the objective is better, and no guardrail is worse than it may be.`;
    case "revert":
      return `Revert, after ${counted}: ${decision.causes.map(causeText).join("; ")}.`;
    case "inconclusive":
      return `Inconclusive, after ${counted}: ${inconclusiveTexts[decision.reason]} The default stays.`;
  }
}

function causeText({ reason, metric }: RevertCause): string {
  return reason === "objective-worse"
    ? `${metric}, the objective, is worse than under the default scheduler`
    : `${metric} is worse than its guardrail allows`;
}

const inconclusiveTexts: Record<InconclusiveReason, string> = {
  "pairs-limit": "all pairs are used up.",
  "void-limit": "too many pairs did not count; try when the node is less disturbed.",
  "time-limit": "the time is over.",
  "out-of-reach":
    "the pairs that are left cannot promote it, however well they go; allow more of them, or longer windows.",
  "no-objective":
    "nothing is worse than it may be, but there was no objective to be better in; name a metric that can be sampled as the objective.",
};

function metricLine(metric: MetricEvidence): string {
  const [low, high] = metric.confidenceSequence;
  const estimate =
    metric.improvementPercent === null
      ? "not sampled"
      : `${signed(metric.improvementPercent)} % (${signed(low)} … ${signed(high)} %, at all times with ${metric.confidencePercent.toFixed(1)} %) in ${plural(metric.blocks, "block")}`;
  const allowed =
    metric.role === "objective" ? "" : `, worst allowed ${signed(metric.boundPercent)} %`;
  return `  ${metric.metric} (${metric.role}${allowed}): ${estimate}; ${verdict(metric)}`;
}

function verdict({ role, holds, fails }: MetricEvidence): string {
  const [yes, no] = role === "objective" ? ["better", "worse"] : ["holds", "broken"];
  const odds = (word: string | undefined, { eValue, needed, established }: typeof holds) =>
    `${word} ${ratio(eValue)} : 1 (${established ? "established" : "not established"}, ${ratio(needed)} : 1 needed)`;
  return fails.eValue > holds.eValue ? odds(no, fails) : odds(yes, holds);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function signed(percent: number): string {
  const text = Math.abs(percent).toFixed(1);
  return Number(text) === 0 ? "0" : `${percent < 0 ? "−" : "+"}${text}`;
}

function ratio(value: number): string {
  if (value >= 1e6) return value.toExponential(0);
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
