// What `optimize` found, as a person reads it: the decision, the figures, the candidates, what next.

import type { Result } from "../contract/result.ts";
import { resultCommands } from "../control/report/commands.ts";
import {
  count,
  duration,
  percent,
  percentRange,
  signedPercent,
  withUnit,
} from "../control/report/quantity.ts";
import {
  environmentLines,
  intervalMark,
  knobsText,
  policyNameText,
  policyText,
} from "./measurement-text.ts";
import { columns, printable, type TextStyle, wrapped } from "./terminal-text.ts";

const width = 76;
const commandsShownMax = 3;

export function resultText(result: Result, style: TextStyle): string {
  const sections = [
    headline(result, style),
    wrapped(printable(result.reason), width, "  "),
    figures(result, style),
    candidates(result, style),
    next(result, style),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function headline(result: Result, style: TextStyle): string {
  const workload = style.bold(result.workload);
  const took = style.dim(
    `\n  (${duration(result.cost.seconds * 1000)}, planner: ${printable(result.planner)})`,
  );
  const gain = result.improvementPercent;
  switch (result.decision) {
    case "promote": {
      const name = style.bold(policyNameText(result.best?.policy ?? null));
      const better = gain === null ? "better" : `${percent(gain)} better`;
      return `${style.good("✓")} ${workload}: ${name} is ${style.good(better)} than the kernel's default${took}`;
    }
    case "keep-default":
      return `${style.good("✓")} ${workload}: keep the kernel's default scheduler${took}`;
    case "inconclusive":
      return `${style.warn("?")} ${workload}: inconclusive, so the kernel's default scheduler stays${took}`;
  }
}

function figures(result: Result, style: TextStyle): string {
  const { best, baseline, confidenceInterval: interval } = result;
  if (best === null || baseline === null || interval === null) return "";
  const { objective, environment, pairs, voidPairs } = best.measurement;
  const value = (median: number) => printable(withUnit(median, baseline.unit));
  const mark = intervalMark(interval, style);
  const knobs = knobsText(best.policy);
  const fresh = count(pairs.length - voidPairs, "fresh pair");
  const range = style.dim(`95 %: ${percentRange(interval)}, ${fresh}`);
  return [
    columns(
      [
        [printable(baseline.metric), "kernel's default", value(baseline.median)],
        ["", policyNameText(best.policy), value(objective.candidate.median), ""],
        ["", "improvement", mark(signedPercent(objective.improvementPercent)), range],
      ],
      "llrl",
    ),
    ...(knobs === "" ? [] : [style.dim(wrapped(`with ${knobs}`, width, "  "))]),
    ...environmentLines(environment).map((line) => style.dim(`  ${line}`)),
  ].join("\n");
}

function candidates(result: Result, style: TextStyle): string {
  if (result.candidates.length === 0) return "";
  const rows = result.candidates.map((candidate) => {
    const { measurement, verdict, eliminatedInRound: round } = candidate;
    const change = measurement?.objective;
    const gain =
      change === undefined
        ? style.dim("–")
        : intervalMark(change.confidenceInterval, style)(signedPercent(change.improvementPercent));
    const rejected = verdict.findings.find((finding) => finding.severity === "error");
    const fate =
      verdict.verdict !== "pass"
        ? `${verdict.verdict}${rejected === undefined ? "" : `: ${rejected.rule}`}`
        : round === null
          ? "to the end"
          : `left in round ${round}`;
    return [gain, printable(fate), style.dim(policyText(candidate.policy))];
  });
  const head = ["screened", "", "candidate"].map((title) => style.dim(title));
  return columns([head, ...rows], "rll");
}

function next(result: Result, style: TextStyle): string {
  const commands = resultCommands(result)
    .slice(0, commandsShownMax)
    .flatMap((command) => [style.dim(`  # ${command.purpose}`), `  ${command.line}`]);
  const report =
    result.report === null ? [] : [`${style.bold("Report")}  ${printable(result.report)}`];
  return [...report, style.bold("Next"), ...commands].join("\n");
}
