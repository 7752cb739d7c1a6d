// From pairs to what is said of them: change of every metric with its interval, and whether the
// guardrails held. Pure. Called by measure.ts, screen.ts, the agent.

import type { Measurement, MetricChange, Pair, RunSample } from "../../contract/measurement.ts";
import type { Workload } from "../../contract/workload.ts";
import { type MetricDefinition, metricDefinitions } from "../analysis/metrics.ts";
import { centreInterval, meanInterval } from "./interval.ts";
import { countedPairs, metricOf } from "./pair.ts";
import {
  clampPercent,
  type Direction,
  improvementInterval,
  improvementPercent,
  improvementPercentMax,
  mean,
  spread,
} from "./statistics.ts";

export type PairsSummary = Pick<
  Measurement,
  "objective" | "others" | "guardrails" | "pairs" | "voidPairs"
>;

/**
 * Counts the pairs that are not void. Where all are void, the estimates are over the void ones with
 * an interval without bounds, so that they can be shown but decide nothing. `pairs` is not empty.
 */
export function summarisePairs(pairs: readonly Pair[], workload: Workload): PairsSummary {
  const counted = countedPairs(pairs);
  const used = counted.length > 0 ? counted : pairs;
  const definitions = metricDefinitions(workload).filter(({ name }) => everyPairHas(used, name));
  const changes = definitions.map((metric) => {
    const change = metricChange(metric, used);
    return counted.length > 0 ? change : { ...change, confidenceInterval: unbounded() };
  });
  const objective = changes.find((change) => change.metric === workload.objective.metric);
  if (objective === undefined) throw new RangeError("pairs without the objective");
  return {
    objective,
    others: changes.filter((change) => change !== objective),
    guardrails: workload.guardrails.map(({ metric, worstPercent }) =>
      guardrail(changes, metric, worstPercent),
    ),
    pairs: [...pairs],
    voidPairs: pairs.length - counted.length,
  };
}

function everyPairHas(pairs: readonly Pair[], metric: string): boolean {
  const has = (sample: RunSample) => sample.metrics[metric] !== undefined;
  return pairs.every((pair) => has(pair.default) && has(pair.candidate));
}

function metricChange(metric: MetricDefinition, pairs: readonly Pair[]): MetricChange {
  const defaults = pairs.map((pair) => metricOf(pair.default, metric.name));
  const candidates = pairs.map((pair) => metricOf(pair.candidate, metric.name));
  const positive = [...defaults, ...candidates].every((value) => value > 0);
  const change = positive ? ratioChange : differenceChange;
  return {
    metric: metric.name,
    unit: metric.unit,
    direction: metric.direction,
    default: spread(defaults),
    candidate: spread(candidates),
    ...change(defaults, candidates, metric.direction),
  };
}

type Change = Pick<MetricChange, "improvementPercent" | "confidenceInterval">;

/** Centre of the pairs' ratios: taken, with its interval, on their logs. */
function ratioChange(defaults: number[], candidates: number[], direction: Direction): Change {
  const logs = candidates.map((value, pair) => Math.log(value / (defaults[pair] ?? Number.NaN)));
  const interval = centreInterval(logs);
  return {
    improvementPercent: improvementPercent(Math.exp(interval.centre), direction),
    confidenceInterval: improvementInterval(
      [Math.exp(interval.low), Math.exp(interval.high)],
      direction,
    ),
  };
}

/**
 * For metrics that can be 0 (errors, misses): mean difference in percent of the default's mean, or
 * of the larger mean where the default's is 0, so a fault that only the candidate has is −100 %.
 */
function differenceChange(defaults: number[], candidates: number[], direction: Direction): Change {
  const sign = direction === "minimise" ? -1 : 1;
  const scale = Math.abs(mean(defaults)) || Math.abs(mean(candidates)) || 1;
  const percents = candidates.map(
    (value, pair) => (sign * (value - (defaults[pair] ?? Number.NaN)) * 100) / scale,
  );
  const interval = meanInterval(percents);
  return {
    improvementPercent: clampPercent(interval.centre),
    confidenceInterval: [clampPercent(interval.low), clampPercent(interval.high)],
  };
}

/**
 * Held is a proof, not the absence of one: the whole interval lies above the allowed regression
 * (non-inferiority, one-sided at 97.5 %). Too few or too noisy pairs therefore fail a guardrail.
 */
function guardrail(
  changes: readonly MetricChange[],
  metric: string,
  worstPercent: number,
): Measurement["guardrails"][number] {
  const change = changes.find((each) => each.metric === metric);
  if (change === undefined) throw new RangeError(`pairs without the guardrail's ${metric}`);
  const { improvementPercent, confidenceInterval } = change;
  // A default of 0 has no percentage to allow: any regression from it is one too many.
  const allowed = change.default.mean === 0 ? 0 : worstPercent;
  return {
    metric,
    worstPercent,
    improvementPercent,
    confidenceInterval,
    held: confidenceInterval[0] >= -allowed,
  };
}

function unbounded(): [number, number] {
  return [-improvementPercentMax, improvementPercentMax];
}

/**
 * Two measurements of one policy in one environment as one (rounds of a screening). Pairs are
 * numbered anew; identity, environment and start are the first's.
 */
export function joinMeasurements(
  first: Measurement,
  second: Measurement,
  workload: Workload,
): Measurement {
  const pairs = [...first.pairs, ...second.pairs].map((pair, index) => ({ ...pair, index }));
  return {
    ...first,
    ...summarisePairs(pairs, workload),
    seconds: first.seconds + second.seconds,
    guestsRetried: first.guestsRetried + second.guestsRetried,
    complete: first.complete && second.complete,
  };
}
