// What a workload of the right form can still get wrong: names that clash or lead nowhere, metrics
// that nobody measures, patterns that find nothing. Pure; called by workload-file.ts.

import { limits } from "../../contract/limits.ts";
import { didYouMean } from "../../contract/suggest.ts";
import { builtinMetrics, isBuiltinMetric, type Workload } from "../../contract/workload.ts";
import { escapedTail } from "./escaped-text.ts";
import type { ValuePath } from "./yaml-document.ts";

export interface BrokenRule {
  path: ValuePath;
  message: string;
}

type Metric = Workload["objective"] | Workload["guardrails"][number];

export function brokenRules(workload: Workload): BrokenRule[] {
  return [
    ...entryRules(workload),
    ...metricRules(workload.objective, ["objective"], workload),
    ...workload.guardrails.flatMap((guardrail, index) => [
      ...metricRules(guardrail, ["guardrails", index], workload),
      ...guardrailRules(workload, index),
    ]),
  ];
}

function entryRules({ run }: Workload): BrokenRule[] {
  const broken: BrokenRule[] = [];
  for (const [index, entry] of run.entries()) {
    const first = run.findIndex((other) => other.name === entry.name);
    if (first === index) continue;
    const message = `a second entry is named \`${entry.name}\`: names tell entries apart in results`;
    broken.push({ path: ["run", index, "name"], message });
  }
  if (run.every((entry) => entry.background)) {
    const message =
      "every entry is `background`, so the run would never end: one entry must end by itself";
    broken.push({ path: ["run"], message });
  }
  const processes = run.reduce((sum, entry) => sum + entry.count, 0);
  if (processes > limits.workloadProcessesMax) {
    const message = `all counts together may be ${limits.workloadProcessesMax} at most, not ${processes}`;
    broken.push({ path: ["run"], message });
  }
  return broken;
}

function metricRules(metric: Metric, path: ValuePath, workload: Workload): BrokenRule[] {
  return metric.pattern === undefined
    ? builtinRules(metric, path, workload)
    : ownRules(metric, metric.pattern, path, workload);
}

function builtinRules(metric: Metric, path: ValuePath, workload: Workload): BrokenRule[] {
  const name = metric.metric;
  if (!isBuiltinMetric(name)) {
    const known = Object.keys(builtinMetrics);
    const guess = didYouMean(name, known);
    const rest = guess === "" ? `; built in are ${known.join(", ")}` : guess;
    const message = `unknown metric \`${name}\`${rest} (a metric of your own needs a \`pattern\`)`;
    return [{ path: [...path, "metric"], message }];
  }
  const broken: BrokenRule[] = [];
  const { better, unit } = builtinMetrics[name];
  if (metric.direction !== undefined && metric.direction !== better) {
    const message = `\`${name}\` is better when it is ${better === "minimise" ? "small" : "large"}: write \`direction: ${better}\``;
    broken.push({ path: [...path, "direction"], message });
  }
  if (metric.from !== undefined) {
    const message = "`from` goes with `pattern`: a built-in metric is of the whole run";
    broken.push({ path: [...path, "from"], message });
  }
  if (metric.unit !== undefined && metric.unit !== unit) {
    const message = `\`${name}\` has its own unit${unit === "" ? " (none)" : ` (${unit})`}: leave \`unit\` out`;
    broken.push({ path: [...path, "unit"], message });
  }
  const siblings = workload.run.some((entry) => entry.count > 1 && !entry.background);
  if (name === "fairness" && !siblings) {
    const message = "`fairness` compares commands of one entry: no entry has a `count` above 1";
    broken.push({ path: [...path, "metric"], message });
  }
  return broken;
}

function ownRules(
  metric: Metric,
  pattern: string,
  path: ValuePath,
  { run }: Workload,
): BrokenRule[] {
  const broken: BrokenRule[] = [];
  if (isBuiltinMetric(metric.metric)) {
    const message = `\`${metric.metric}\` is built in: leave \`pattern\` out or give your metric another name`;
    broken.push({ path: [...path, "metric"], message });
  }
  const fault = patternFault(pattern);
  if (fault !== null) broken.push({ path: [...path, "pattern"], message: fault });
  if (metric.from !== undefined && run.every((entry) => entry.name !== metric.from)) {
    const names = run.map((entry) => entry.name);
    const guess = didYouMean(metric.from, names);
    const rest = guess === "" ? `; entries are ${names.slice(0, 8).join(", ")}` : guess;
    const message = `no entry of \`run\` is named \`${metric.from}\`${rest}`;
    broken.push({ path: [...path, "from"], message });
  }
  if (metric.direction === undefined) {
    const message = `a metric of your own needs a \`direction\`: \`minimise\` or \`maximise\``;
    broken.push({ path, message });
  }
  return broken;
}

/** Why the pattern cannot find one number, or null. */
function patternFault(pattern: string): string | null {
  let groups: number;
  try {
    new RegExp(pattern, "gm");
    // With an empty alternative it matches anything, and the match has a place for each group.
    groups = (new RegExp(`${pattern}|`).exec("")?.length ?? 1) - 1;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `\`pattern\` is not a regular expression: ${escapedTail(error.message, 200)}`;
  }
  if (groups === 1) return null;
  const remedy =
    groups === 0 ? "put the number in one, such as `([0-9.]+)`" : "write `(?:…)` for the others";
  return `\`pattern\` must have exactly one capturing group, not ${groups}: ${remedy}`;
}

function guardrailRules(workload: Workload, index: number): BrokenRule[] {
  const metric = workload.guardrails[index]?.metric;
  const path = ["guardrails", index, "metric"];
  if (metric === workload.objective.metric) {
    return [
      { path, message: `\`${metric}\` is the objective: a guardrail watches another metric` },
    ];
  }
  const first = workload.guardrails.findIndex((other) => other.metric === metric);
  return first === index ? [] : [{ path, message: `a second guardrail for \`${metric}\`` }];
}
