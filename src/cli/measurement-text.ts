// A measurement, a profile and a result as a person reads them in a terminal. Pure.

import type { Environment, Measurement, MetricChange, Spread } from "../contract/measurement.ts";
import type { PolicyIdentity } from "../contract/policy.ts";
import {
  count,
  percent,
  percentRange,
  signedPercent,
  withUnit,
} from "../control/report/quantity.ts";
import { columns, printable, type TextStyle, wrapped } from "./terminal-text.ts";

const width = 78;
const knobsShownBriefly = 2;

export function measurementText(measurement: Measurement, style: TextStyle): string {
  const candidate = policyNameText(measurement.policy);
  const knobs = knobsText(measurement.policy);
  const { objective, others } = measurement;
  const head = ["", "default", candidate, "improvement", "95 % interval"];
  const rows = [objective, ...others].map((change, index) => metricRow(change, index === 0, style));
  return [
    `${style.bold(measurement.workload)}: ${candidate} against the kernel's default scheduler`,
    ...(knobs === "" ? [] : [style.dim(wrapped(knobs, width))]),
    ...environmentLines(measurement.environment).map(style.dim),
    "",
    columns([head.map((title) => style.dim(title)), ...rows], "lrrrl"),
    "",
    ...guardrailLines(measurement, style),
    pairsLine(measurement, style),
    style.dim(`${measurement.id}, seed ${measurement.seed}`),
  ].join("\n");
}

export function policyText(policy: PolicyIdentity | null): string {
  return [policyNameText(policy), knobsText(policy, knobsShownBriefly)].join(" ").trimEnd();
}

export function policyNameText(policy: PolicyIdentity | null): string {
  return policy === null ? "default again" : printable(policy.name);
}

/** `attained_ms=450 age_limit_ms=4500, 2 hints`; empty where nothing is set. */
export function knobsText(policy: PolicyIdentity | null, shownMax = Infinity): string {
  const entries = Object.entries(policy?.parameters ?? {});
  const knobs = entries.filter(([key]) => !key.startsWith("hint."));
  const hints = entries.length - knobs.length;
  const shown = knobs.slice(0, shownMax).map(([key, value]) => `${key}=${String(value)}`);
  const more = knobs.length - shown.length;
  const parts = [
    ...(shown.length === 0 ? [] : [shown.join(" ")]),
    ...(more === 0 ? [] : [`${more} more`]),
    ...(hints === 0 ? [] : [count(hints, "hint")]),
  ];
  return printable(parts.join(", "));
}

export function environmentLines(environment: Environment): string[] {
  const { node, kernel, cpus, memoryMib, emulated } = environment;
  const place = `${node}, kernel ${kernel}, ${count(cpus, "CPU")}, ${memoryMib} MiB`;
  if (!emulated) return [printable(place)];
  const caution = "emulated: no caches, SMT or NUMA are modelled, so real machines will differ";
  return [printable(`${place}, emulated`), caution];
}

/** By the sign that the whole interval has: green proven better, red proven worse, else unmarked. */
export function intervalMark(
  [low, high]: readonly [number, number],
  style: TextStyle,
): (text: string) => string {
  if (low > 0) return style.good;
  return high < 0 ? style.bad : (text) => text;
}

function metricRow(change: MetricChange, isObjective: boolean, style: TextStyle): string[] {
  const mark = intervalMark(change.confidenceInterval, style);
  const name = printable(change.metric);
  return [
    isObjective ? style.bold(name) : name,
    valueText(change.default, change.unit, style),
    valueText(change.candidate, change.unit, style),
    mark(signedPercent(change.improvementPercent)),
    percentRange(change.confidenceInterval),
  ];
}

/** Median and, dimmed, the coefficient of variation: how far the runs lie apart. */
function valueText(spread: Spread, unit: string, style: TextStyle): string {
  const variation = `±${percent(spread.cvPercent)}`.padStart(6);
  return `${printable(withUnit(spread.median, unit))} ${style.dim(variation)}`;
}

function guardrailLines(measurement: Measurement, style: TextStyle): string[] {
  return measurement.guardrails.map((guardrail) => {
    const mark = guardrail.held ? style.good("✓") : style.bad("✗");
    const interval = percentRange(guardrail.confidenceInterval);
    const verb = guardrail.held ? "held" : "not proven to hold";
    const allowed = style.dim(`(${interval} measured, −${guardrail.worstPercent} % allowed)`);
    return `${mark} guardrail ${printable(guardrail.metric)} ${verb} ${allowed}`;
  });
}

function pairsLine(measurement: Measurement, style: TextStyle): string {
  const { pairs, voidPairs, guestsRetried } = measurement;
  const parts = [`${count(pairs.length - voidPairs, "pair")} counted`];
  if (voidPairs > 0) parts.push(`${voidPairs} void (the host stole CPU time)`);
  if (guestsRetried > 0) {
    parts.push(`${count(guestsRetried, "run")} repeated (the emulator's own panic)`);
  }
  const text = parts.join(", ");
  return measurement.complete ? text : style.warn(`incomplete: ${text}`);
}
