// What a simulation found, as a person reads it: yes or no, figures against the default scheduler's model,
// every finding with its remedy, and what a simulation can't say. Pure.

import type { SimulatedRun, SimulatedScenario, SimulationReport } from "../contract/simulation.ts";
import type { Finding } from "../contract/verdict.ts";
import { count, duration, number, percent, whole } from "../control/report/quantity.ts";
import { policyText } from "./measurement-text.ts";
import { columns, printable, type TextStyle, wrapped } from "./terminal-text.ts";
import { findingLines } from "./verdict-text.ts";

const width = 76;
const scenariosShownMax = 40;

export function simulationText(
  report: SimulationReport,
  notes: readonly string[],
  style: TextStyle,
): string {
  const said = {
    pass: style.good("✓ pass"),
    reject: style.bad("✗ reject"),
    inconclusive: style.warn("? inconclusive"),
  }[report.verdict];
  const lines = [
    `${said}  ${style.bold(policyText(report.policy))}  ${style.dim("simulated")}`,
    style.dim(`  ${subjectText(report)}`),
  ];
  if (report.unsupported.length > 0) lines.push("", ...unsupportedLines(report, style));
  for (const finding of report.findings) lines.push("", ...findingLines(finding, style));
  const only = report.scenarios.length === 1 ? report.scenarios[0] : undefined;
  if (only !== undefined) lines.push("", figuresTable(report.policy.name, only, style));
  else if (report.scenarios.length > 1) lines.push("", suiteTable(report.scenarios, style));
  if (report.findings.some(canBeReplayed)) {
    lines.push("", wrapped(replayText, width, "  "));
  }
  if (notes.length > 0) lines.push("", ...notes.map((note) => `  ${printable(note)}`));
  lines.push("", style.dim(wrapped(limitsText(report), width, "  ")));
  return lines.join("\n");
}

function canBeReplayed({ counterexample }: Finding): boolean {
  return (
    typeof counterexample === "object" && counterexample !== null && "scenario" in counterexample
  );
}

const replayText =
  "To see it again: schedcp simulate … --json > report.json, then schedcp simulate … --scenario report.json --gantt chart.html";

function subjectText(report: SimulationReport): string {
  const { subject, name, scenarios, topology, seed, kernel } = report;
  const what = subject === "suite" ? "adversarial suite" : `${subject} ${printable(name ?? "")}`;
  const machine = topology === null ? [] : [`machine ${printable(topology)}`];
  const parts = [what, ...machine, `seed ${seed}`, `kernel ${printable(kernel)}`];
  if (subject === "suite") parts.splice(1, 0, count(scenarios.length, "scenario"));
  return parts.join(", ");
}

function unsupportedLines(report: SimulationReport, style: TextStyle): string[] {
  const names = report.unsupported.map(({ kind, name }) => `${kind} ${printable(name)}`);
  const text = `not simulated, so this can't pass: ${[...new Set(names)].join(", ")}`;
  return [style.warn(wrapped(text, width, "  "))];
}

/** One scenario: the policy beside the default scheduler's model. */
function figuresTable(policy: string, scenario: SimulatedScenario, style: TextStyle): string {
  const { default: base } = scenario;
  const heads = ["", printable(policy), ...(base === null ? [] : ["default", "change"])];
  const rows = figures.map(({ name, value, text, better }) => {
    const own = value(scenario.policy);
    if (base === null) return [name, shown(own, text)];
    const other = value(base);
    return [name, shown(own, text), shown(other, text), changeText(own, other, better, style)];
  });
  return columns([heads.map((head) => style.dim(head)), ...rows], "lrrr");
}

interface Figure {
  name: string;
  value: (run: SimulatedRun) => number | null;
  text: (value: number) => string;
  /** Null: neither more nor less is better in itself. */
  better: "less" | "more" | null;
}

const figures: readonly Figure[] = [
  { name: "makespan", value: makespan, text: duration, better: "less" },
  {
    name: "wait, median",
    value: ({ waitMs }) => waitMs?.p50 ?? null,
    text: duration,
    better: "less",
  },
  { name: "wait, p95", value: ({ waitMs }) => waitMs?.p95 ?? null, text: duration, better: "less" },
  { name: "wait, p99", value: ({ waitMs }) => waitMs?.p99 ?? null, text: duration, better: "less" },
  {
    name: "wait, longest",
    value: ({ waitMs }) => waitMs?.max ?? null,
    text: duration,
    better: "less",
  },
  { name: "fairness", value: ({ fairness }) => fairness, text: number, better: "more" },
  {
    name: "utilisation",
    value: ({ utilisationPercent }) => utilisationPercent,
    text: percent,
    better: "more",
  },
  { name: "switches", value: ({ switches }) => switches, text: whole, better: null },
  { name: "migrations", value: ({ migrations }) => migrations, text: whole, better: null },
];

function makespan(run: SimulatedRun): number | null {
  return run.finished ? run.makespanMs : null;
}

function shown(value: number | null, text: (value: number) => string): string {
  return value === null ? "–" : text(value);
}

/** "−17 %": what is below one percent is no change that a model could tell. */
function changeText(
  own: number | null,
  other: number | null,
  better: Figure["better"],
  style: TextStyle,
): string {
  if (own === null || other === null || other === 0) return "";
  const change = (own / other - 1) * 100;
  if (Math.abs(change) < 1) return style.dim("same");
  const times = own / other;
  const text = times >= 3 ? `×${number(times)}` : `${change > 0 ? "+" : ""}${percent(change)}`;
  if (better === null) return text;
  return change < 0 === (better === "less") ? style.good(text) : style.bad(text);
}

function suiteTable(scenarios: readonly SimulatedScenario[], style: TextStyle): string {
  const head = ["", "scenario", "tasks", "CPUs", "virtual time", "longest wait", "found"];
  const told = scenarios.filter(({ name, findings }) => name !== "search" || findings.length > 0);
  const random = scenarios.length - told.length;
  const shownScenarios = told.slice(0, scenariosShownMax);
  const rows = shownScenarios.map(({ name, tasks, cpus, simulatedMs, policy, findings }) => [
    markOf(findings, style),
    printable(name),
    whole(tasks),
    String(cpus),
    duration(simulatedMs),
    policy.waitMs === null ? "–" : duration(policy.waitMs.max),
    printable(findings.map(({ rule }) => rule.replace(/^simulate\//, "")).join(", ")),
  ]);
  const more = told.length - shownScenarios.length;
  const lines = [columns([head.map((title) => style.dim(title)), ...rows], "llrrrrl")];
  if (random > 0) lines.push(`  ${style.good("✓")}  ${count(random, "small random scenario")}`);
  if (more > 0) lines.push(style.dim(`  and ${more} more`));
  return lines.join("\n");
}

function markOf(findings: SimulatedScenario["findings"], style: TextStyle): string {
  if (findings.some(({ severity }) => severity === "error")) return style.bad("✗");
  return findings.length === 0 ? style.good("✓") : style.warn("!");
}

function limitsText({ fidelity, timesFrom }: SimulationReport): string {
  const parts = [
    "Simulated: the policy's own code against a model of the kernel. Caches, frequencies and interrupts are priced, not run; what passes here still has to pass in the lab.",
  ];
  if (timesFrom !== null) parts.push(`Times of the tasks: ${printable(timesFrom)}.`);
  parts.push(
    fidelity === null
      ? "How far it is off the real kernel has not been measured for this version."
      : `Off the real kernel by at most ${percent(fidelity.worstMakespanRatioErrorPercent)} in makespan against the default, over ${count(fidelity.policies, "policy", "policies")} (${printable(fidelity.date)}).`,
  );
  return parts.join(" ");
}
