// Every pair of runs in the order they were taken: default and candidate joined by a line, the one
// that ran first on the left. Void pairs are hollow; nothing is left out.

import type { Measurement, Pair } from "../../contract/measurement.ts";
import { code, dataTable, diamond, figure, legend } from "./figure.ts";
import { clip, type Html, html } from "./html.ts";
import { count, median, signedPercent, withUnit } from "./quantity.ts";
import { nameCharsMax, policyName } from "./report-input.ts";
import { extent, linearScale, type Scale, share, tickDecimals, tickStep } from "./scale.ts";

const height = 280;

/** Improvement of one pair in percent, positive is better. */
function pairImprovement(pair: Pair, direction: "minimise" | "maximise"): number {
  return (direction === "minimise" ? 1 - pair.ratio : pair.ratio - 1) * 100;
}

function objectiveOf(pair: Pair, metric: string): { default: number; candidate: number } {
  return {
    default: pair.default.metrics[metric] ?? Number.NaN,
    candidate: pair.candidate.metrics[metric] ?? Number.NaN,
  };
}

export function pairsFigure(measurement: Measurement): Html {
  const { objective, pairs } = measurement;
  const name = clip(policyName(measurement.policy), nameCharsMax);
  if (pairs.length === 0) return html`<p class="none">No pair of runs was finished.</p>`;
  const runs = pairs.map((pair) => ({ pair, ...objectiveOf(pair, objective.metric) }));
  const scale = linearScale(extent(runs.flatMap((run) => [run.default, run.candidate])), {
    ticks: 5,
    nice: true,
  });
  const voids = pairs.filter((pair) => pair.void !== undefined).length;
  const caption = html`${count(pairs.length, "pair")} in the order they ran; within a pair the arm on the left ran first, drawn at random. Dashed lines are the medians. ${
    voids > 0
      ? html`Hollow marks: ${count(voids, "void pair")}, shown but not counted${voidReasons(pairs)}. `
      : ""
  }Outliers are kept.`;
  const summary = `${pairs.length} pairs of runs: median ${withUnit(objective.default.median, objective.unit)} under the default scheduler, ${withUnit(objective.candidate.median, objective.unit)} under ${name}.`;
  return figure(
    caption,
    html`${legend([
      { mark: "dot default", label: "kernel’s default" },
      { mark: "dia candidate", label: name },
    ])}<div class="plot pairs"><svg role="img" aria-label="${summary}" height="${height}">${gridLines(scale, objective.unit)}${medianLines(measurement, scale)}${runs.map(
      (run, index) => pairMarks(run, index, pairs.length, scale, measurement),
    )}</svg></div>`,
    dataTable(
      `Objective ${clip(objective.metric, nameCharsMax)} of each pair`,
      [
        { title: "Pair", numeric: true },
        { title: "First" },
        { title: "Default", numeric: true },
        { title: name, numeric: true },
        { title: "Improvement", numeric: true },
        { title: "Counted" },
      ],
      runs.map(({ pair, default: before, candidate }) => [
        pair.index + 1,
        pair.first === "default" ? "default" : name,
        withUnit(before, objective.unit),
        withUnit(candidate, objective.unit),
        signedPercent(pairImprovement(pair, objective.direction)),
        pair.void === undefined ? "yes" : html`no: ${clip(pair.void, 200)}`,
      ]),
    ),
  );
}

function voidReasons(pairs: readonly Pair[]): Html {
  const reasons = [
    ...new Set(pairs.flatMap((pair) => (pair.void === undefined ? [] : [pair.void]))),
  ];
  const shown = reasons.slice(0, 3).map((reason) => clip(reason, 120));
  return html` (${shown.join("; ")}${reasons.length > 3 ? "; …" : ""})`;
}

function gridLines(scale: Scale, unit: string): Html {
  const decimals = tickDecimals(scale.ticks);
  return html`${scale.ticks.map((tick, index) => {
    const y = heightAt(scale, tick);
    const last = index === scale.ticks.length - 1 && unit !== "";
    return html`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/><text class="tick" x="-10" y="${y}" dy="0.35em" text-anchor="end">${tick.toFixed(decimals)}${last && html` ${clip(unit, 6)}`}</text>`;
  })}`;
}

/** Two dashed lines with a label at the right, pushed apart where they would overlap. */
function medianLines(measurement: Measurement, scale: Scale): Html {
  const { objective } = measurement;
  const [before, after] = [objective.default.median, objective.candidate.median];
  const [y1, y2] = [heightAt(scale, before), heightAt(scale, after)];
  const push = Math.max(0, 17 - Math.abs(y1 - y2)) / 2;
  const labels = y1 <= y2 ? [y1 - push, y2 + push] : [y1 + push, y2 - push];
  return html`${[before, after].map((value, index) => {
    const arm = index === 0 ? "default" : "candidate";
    const y = index === 0 ? y1 : y2;
    return html`<line class="median ${arm}" x1="0" x2="100%" y1="${y}" y2="${y}"/><text class="medianlabel ${arm}" x="100%" dx="10" y="${labels[index] ?? y}" dy="0.35em">${withUnit(value, objective.unit)}</text>`;
  })}`;
}

interface PairRun {
  pair: Pair;
  default: number;
  candidate: number;
}

function pairMarks(
  run: PairRun,
  index: number,
  total: number,
  scale: Scale,
  measurement: Measurement,
): Html {
  const { objective } = measurement;
  const { pair } = run;
  const name = clip(policyName(measurement.policy), nameCharsMax);
  const step = 100 / total;
  const middle = (index + 0.5) * step;
  const apart = (pair.first === "default" ? 0.17 : -0.17) * step;
  const [left, right] = [share(middle - apart), share(middle + apart)];
  const radius = total <= 24 ? 5.5 : total <= 60 ? 4 : 2.5;
  const [y1, y2] = [heightAt(scale, run.default), heightAt(scale, run.candidate)];
  const change = signedPercent(pairImprovement(pair, objective.direction));
  const every = Math.max(1, tickStep(total, 10));
  return html`<g class="pair${pair.void !== undefined && " void"}"><title>Pair ${pair.index + 1}: default ${withUnit(run.default, objective.unit)}, ${name} ${withUnit(run.candidate, objective.unit)} (${change}); ${pair.first === "default" ? "default" : name} first${pair.void !== undefined && html`; void: ${clip(pair.void, 200)}`}</title><line class="join" x1="${left}" y1="${y1}" x2="${right}" y2="${y2}"/><circle class="mark default" cx="${left}" cy="${y1}" r="${radius}"/>${diamond(right, y2, radius * 1.25, "mark candidate")}</g>${
    (index + 1) % every === 0 &&
    html`<text class="tick pairno" x="${share(middle)}" y="${height + 20}" text-anchor="middle">${pair.index + 1}</text>`
  }${
    total <= 12 &&
    html`<text class="change wide" x="${share(middle)}" y="${height + 38}" text-anchor="middle">${pair.void === undefined ? signedPercent(pairImprovement(pair, objective.direction), 0) : "void"}</text>`
  }`;
}

function heightAt(scale: Scale, value: number): number {
  return Number.isFinite(value)
    ? Number((height * (1 - scale.at(value) / 100)).toFixed(1))
    : height;
}

/** How even the two arms' turns were, and who drew them. */
export function orderSentence(measurement: Measurement): Html {
  const first = measurement.pairs.filter((pair) => pair.first === "default").length;
  return html`the default ran first in ${first} of ${count(measurement.pairs.length, "pair")}, drawn with seed ${code(String(measurement.seed))}`;
}

/** Largest and median share of time stolen by the host, over all runs. */
export function stealOf(measurement: Measurement): { median: number; max: number } | null {
  const all = measurement.pairs.flatMap((pair) => [
    pair.default.stealPercent,
    pair.candidate.stealPercent,
  ]);
  return all.length === 0 ? null : { median: median(all), max: Math.max(...all) };
}
