// A verdict as a person reads it: yes or no, how far it came, and every finding with its remedy.

import type { Finding, StageResult, Verdict } from "../contract/verdict.ts";
import { duration } from "../control/report/quantity.ts";
import { policyText } from "./measurement-text.ts";
import { printable, type TextStyle, wrapped } from "./terminal-text.ts";

const width = 76;

export function verdictText(verdict: Verdict, style: TextStyle): string {
  const said = {
    pass: style.good("✓ pass"),
    reject: style.bad("✗ reject"),
    inconclusive: style.warn("? inconclusive"),
  }[verdict.verdict];
  const lines = [
    `${said}  ${style.bold(policyText(verdict.policy))}`,
    `  ${verdict.stages.map((stage) => stageText(stage, style)).join("  ")}`,
  ];
  const { enrolledBinary } = verdict;
  if (enrolledBinary !== undefined) {
    const words = `an enrolled program, version ${enrolledBinary.version}: run and watched, not judged by the rules for policies`;
    lines.push(style.dim(wrapped(printable(words), width - 2, "  ")));
  }
  const undecided = verdict.findings.filter(isUndecided);
  for (const finding of verdict.findings.filter((each) => !isUndecided(each))) {
    lines.push("", ...findingLines(finding, style));
  }
  if (undecided.length > 0) lines.push("", style.dim(undecidedText(undecided)));
  lines.push("", ...groundLines(verdict, style));
  return lines.join("\n");
}

/** A static rule that can't tell says why, for a program that reads; a person wants to know which. */
function isUndecided({ severity, rule }: Finding): boolean {
  return severity === "note" && rule.startsWith("static/");
}

function undecidedText(findings: readonly Finding[]): string {
  const rules = [...new Set(findings.map(({ rule }) => printable(rule.slice("static/".length))))];
  return wrapped(`left to the simulator by static analysis: ${rules.join(", ")}`, width - 2, "  ");
}

/** What it holds for, whether it was known before, and what it permits. */
function groundLines({ evidence, token }: Verdict, style: TextStyle): string[] {
  const { kernel, cachedAt } = evidence;
  const on = typeof kernel === "string" ? `for kernel ${printable(kernel)}` : "";
  const known = typeof cachedAt === "string" ? `known since ${printable(cachedAt)}` : "";
  const lines = [[on, known].filter((part) => part !== "").join("; ")];
  if (token !== undefined)
    lines.push("signed for one deployment in the lab (--json shows the token)");
  return lines.filter((line) => line !== "").map((line) => style.dim(`  ${line}`));
}

function stageText(stage: StageResult, style: TextStyle): string {
  const took = stage.durationMs > 0 ? style.dim(` ${duration(stage.durationMs)}`) : "";
  switch (stage.status) {
    case "pass":
      return `${style.good("✓")} ${stage.stage}${took}`;
    case "reject":
      return `${style.bad("✗")} ${stage.stage}${took}`;
    case "inconclusive":
      return `${style.warn("?")} ${stage.stage}${took}`;
    default:
      return style.dim(`· ${stage.stage}`);
  }
}

export function findingLines(finding: Finding, style: TextStyle): string[] {
  const mark = { error: style.bad, warning: style.warn, note: style.dim }[finding.severity];
  const { location } = finding;
  const place =
    location === undefined ? "" : ` ${style.dim(printable(`${location.file}:${location.line}`))}`;
  return [
    `  ${mark(finding.severity)} ${style.dim(printable(finding.rule))}${place}`,
    ...finding.message.split("\n").map((line) => wrapped(printable(line), width - 4, "    ")),
    wrapped(`→ ${printable(finding.hint)}`, width - 4, "    "),
  ];
}
