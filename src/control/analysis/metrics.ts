// The metrics of one run, by the definitions in contract/workload.ts: what the node reported in, a
// number per name out. Pure but for the bounded pattern match. Called by profile.ts and arm.ts.

import { SchedcpError } from "../../contract/errors.ts";
import type { TaskSample } from "../../contract/measurement.ts";
import type { RunReport } from "../../contract/node-protocol.ts";
import { builtinMetrics, isBuiltinMetric, type Workload } from "../../contract/workload.ts";
import { type Direction, jainIndex, mean, percentile } from "../deployment/statistics.ts";
import { numberInOutput } from "./pattern-metric.ts";

export interface MetricDefinition {
  name: string;
  unit: string;
  direction: Direction;
  /** Of the user's own metrics only. */
  pattern?: string;
  /** Entry whose output is searched; all where it is not given. */
  from?: string;
  /** The objective or a guardrail: a run without it is no measurement. */
  required: boolean;
}

/** Built-in metrics and the workload's own, the objective first; `required` ones before the rest. */
export function metricDefinitions(workload: Workload): MetricDefinition[] {
  const definitions = new Map<string, MetricDefinition>();
  for (const asked of [workload.objective, ...workload.guardrails]) {
    const earlier = definitions.get(asked.metric);
    if (earlier === undefined) definitions.set(asked.metric, definition(asked));
    else assertSameMetric(earlier, asked);
  }
  for (const [name, { unit, better }] of Object.entries(builtinMetrics)) {
    if (!definitions.has(name)) {
      definitions.set(name, { name, unit, direction: better, required: false });
    }
  }
  return [...definitions.values()];
}

type AskedMetric = Workload["guardrails"][number] | Workload["objective"];

function definition(asked: AskedMetric): MetricDefinition {
  const builtin =
    asked.pattern === undefined && isBuiltinMetric(asked.metric)
      ? builtinMetrics[asked.metric]
      : undefined;
  if (builtin === undefined && asked.pattern === undefined) {
    throw new SchedcpError("workload-invalid", `there is no metric ${asked.metric}`, {
      hint: `Built in are ${Object.keys(builtinMetrics).join(", ")}; for a number in the output, give a \`pattern\`.`,
    });
  }
  const direction = asked.direction ?? builtin?.better;
  if (direction === undefined) {
    throw new SchedcpError("workload-invalid", `guardrail ${asked.metric} has no direction`, {
      hint: "Say `direction: minimise` or `direction: maximise`: for a pattern it cannot be guessed.",
    });
  }
  return {
    name: asked.metric,
    unit: asked.unit ?? builtin?.unit ?? "",
    direction,
    ...(asked.pattern === undefined ? {} : { pattern: asked.pattern }),
    ...(asked.from === undefined ? {} : { from: asked.from }),
    required: true,
  };
}

function assertSameMetric(earlier: MetricDefinition, asked: AskedMetric): void {
  const differs =
    (asked.pattern !== undefined && asked.pattern !== earlier.pattern) ||
    (asked.from !== undefined && asked.from !== earlier.from) ||
    (asked.direction !== undefined && asked.direction !== earlier.direction);
  if (!differs) return;
  throw new SchedcpError("workload-invalid", `${asked.metric} is defined in two ways`, {
    hint: "Give the second metric a name of its own.",
  });
}

/** Entries whose output the node must keep, for `workload.run`'s `outputOf`. */
export function entriesWithOutput(workload: Workload): string[] {
  const wanted = new Set<string>();
  for (const { pattern, from } of metricDefinitions(workload)) {
    if (pattern === undefined) continue;
    for (const entry of workload.run) {
      if (from === undefined || from === entry.name) wanted.add(entry.name);
    }
  }
  return [...wanted];
}

/** Tasks that count: those of a server that is stopped at the end do not. */
export function foregroundTasks(tasks: readonly TaskSample[], workload: Workload): TaskSample[] {
  const background = new Set(workload.run.filter((run) => run.background).map((run) => run.name));
  return tasks.filter((task) => !background.has(task.entry));
}

/**
 * All metrics of a finished run. Throws `workload-failed` where a pattern finds nothing or the
 * objective is not positive, `workload-invalid` where a required metric cannot exist.
 */
export function runMetrics(report: RunReport, workload: Workload): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const wanted of metricDefinitions(workload)) {
    const value =
      wanted.pattern === undefined
        ? builtinValue(wanted.name, report, workload)
        : numberInOutput({ name: wanted.name, pattern: wanted.pattern }, outputs(report, wanted));
    if (value !== null) metrics[wanted.name] = value;
    else if (wanted.required) throw absentMetric(wanted.name);
  }
  assertPositive(workload.objective.metric, metrics);
  return metrics;
}

function outputs(report: RunReport, wanted: MetricDefinition): string[] {
  return wanted.from === undefined
    ? Object.values(report.output).flat()
    : (report.output[wanted.from] ?? []);
}

/** Null where the run has no such figure (no entry with two commands: no fairness). */
function builtinValue(name: string, report: RunReport, workload: Workload): number | null {
  const tasks = foregroundTasks(report.tasks, workload);
  if (tasks.length === 0) {
    throw new SchedcpError("protocol", "the node reported a finished run without tasks", {
      hint: "The node daemon and schedcp do not fit: run `schedcp setup` to make the image anew.",
    });
  }
  const endsSeconds = tasks.map((task) => task.endMs / 1000);
  const makespanSeconds = Math.max(...endsSeconds);
  const { runDelayMs, timeslices, contextSwitches } = report.counters;
  switch (name) {
    case "makespan":
      return makespanSeconds;
    case "throughput":
      return makespanSeconds > 0 ? tasks.length / makespanSeconds : null;
    case "latency-p50":
      return percentile(endsSeconds, 0.5);
    case "latency-p95":
      return percentile(endsSeconds, 0.95);
    case "latency-p99":
      return percentile(endsSeconds, 0.99);
    case "wait-mean":
      return timeslices > 0 ? runDelayMs / timeslices : null;
    case "context-switches":
      return makespanSeconds > 0 ? contextSwitches / makespanSeconds : null;
    case "fairness":
      return fairness(tasks);
    default:
      return null;
  }
}

function fairness(tasks: readonly TaskSample[]): number | null {
  const shares = new Map<string, number[]>();
  for (const task of tasks) {
    const lifetimeMs = task.endMs - task.startMs;
    if (lifetimeMs <= 0) continue;
    const ofEntry = shares.get(task.entry) ?? [];
    ofEntry.push((task.userMs + task.systemMs) / lifetimeMs);
    shares.set(task.entry, ofEntry);
  }
  const indices = [...shares.values()].filter((each) => each.length > 1).map(jainIndex);
  return indices.length === 0 ? null : mean(indices);
}

function absentMetric(name: string): SchedcpError {
  const why =
    name === "fairness"
      ? "fairness compares the commands of one entry: give an entry `count: 2` or more"
      : "the run was too short for it, or the node does not count it";
  return new SchedcpError("workload-invalid", `this workload has no ${name}`, {
    hint: `${why}; or choose another metric.`,
  });
}

function assertPositive(objective: string, metrics: Record<string, number>): void {
  const value = metrics[objective];
  if (value !== undefined && value > 0) return;
  throw new SchedcpError("workload-failed", `the objective ${objective} came out as ${value}`, {
    hint: "The objective is compared as a ratio to the default scheduler's, so it must be above 0: make the run longer, or choose another objective.",
  });
}
