// How long tasks waited on a run queue: one panel an entry, the default's distribution upwards, the
// other arm's downwards, over the same logarithmic axis.

import { dataTable, figure, legend } from "./figure.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { bucketLabel, count, duration, percent, whole } from "./quantity.ts";
import { armName, type LabelledTrace, nameCharsMax, orderedTraces } from "./report-input.ts";
import { share } from "./scale.ts";
import { waitQuantileUs } from "./wait-quantile.ts";

const panelsMax = 12;
const half = 62;

interface EntryWaits {
  entry: string;
  /** One an arm; empty where the trace has none. */
  arms: number[][];
  total: number;
}

function waitsByEntry(traces: readonly LabelledTrace[]): EntryWaits[] {
  const names = new Set(traces.flatMap(({ trace }) => trace.waits.map((waits) => waits.entry)));
  return [...names]
    .map((entry) => {
      const arms = traces.map(
        ({ trace }) => trace.waits.find((waits) => waits.entry === entry)?.buckets ?? [],
      );
      return { entry, arms, total: sum(arms.flat()) };
    })
    .filter((waits) => waits.total > 0)
    .sort((a, b) => b.total - a.total);
}

export function waitsFigure(allTraces: readonly LabelledTrace[]): Html {
  const traces = orderedTraces(allTraces).slice(0, 2);
  const entries = waitsByEntry(traces);
  if (entries.length === 0) return html`<p class="none">No waits were recorded.</p>`;
  const used = entries.flatMap(({ arms }) =>
    arms.flatMap((buckets) => buckets.flatMap((waits, bucket) => (waits > 0 ? [bucket] : []))),
  );
  const [low, high] = [Math.min(...used), Math.max(...used) + 1];
  const shown = entries.slice(0, panelsMax);
  return figure(
    html`Time from becoming runnable to running, one traced run of each arm that is not counted in the measurement. Bars are shares of all waits of that entry and arm, in power-of-two buckets; further left is better. Each panel has its own height, medians are interpolated. A policy that switches less makes tasks wait less often, and longer each time.${
      entries.length > shown.length &&
      html` The ${whole(shown.length)} entries with most waits are drawn; all ${whole(entries.length)} are in the table.`
    }`,
    html`${legend(
      traces.map(({ label }, arm) => ({
        mark: arm === 0 ? "box default" : "box candidate",
        label: html`${clip(armName(label), nameCharsMax)}${traces.length > 1 && (arm === 0 ? " (upwards)" : " (downwards)")}`,
      })),
    )}<div class="panels">${shown.map((waits) => panel(waits, { low, high }, traces))}</div>`,
    waitsTable(entries, traces),
  );
}

function panel(
  waits: EntryWaits,
  range: { low: number; high: number },
  traces: readonly LabelledTrace[],
): Html {
  const totals = waits.arms.map(sum);
  const axis = { ...range, peak: Math.max(...waits.arms.map(peakShare)) };
  const medians = waits.arms.map((buckets) => waitQuantileUs(buckets, 0.5));
  const text = medians.map((us) => (us === null ? "–" : duration(us / 1000)));
  const entry = clip(waits.entry, nameCharsMax);
  const bottom = traces.length > 1 ? 2 * half : half;
  const step = 100 / (axis.high - axis.low);
  const ticks = bucketTicks(axis.low, axis.high);
  return html`<div class="panel"><h3>${entry}</h3><p>median ${text.map((value, arm) => html`${arm > 0 && " → "}<b class="${arm === 0 ? "default" : "candidate"}">${value}</b>`)} · ${totals.map((total, arm) => html`${arm > 0 && " → "}${whole(total)}`)} waits</p><svg role="img" aria-label="${`Waits of ${entry}: median ${text.join(" to ")}`}" height="${bottom + 20}">${ticks.map(
    (bucket) =>
      html`<line class="grid" x1="${share((bucket - axis.low) * step)}" x2="${share((bucket - axis.low) * step)}" y1="0" y2="${bottom}"/>`,
  )}${waits.arms.map((buckets, arm) => bars(buckets, arm, axis, traces[arm]?.label ?? ""))}<line class="zero" x1="0" x2="100%" y1="${half}" y2="${half}"/>${ticks.map(
    (bucket, index) =>
      html`<text class="tick" x="${share((bucket - axis.low) * step)}" y="${bottom + 15}" text-anchor="${index === 0 ? "start" : "middle"}">${bucketLabel(bucket)}</text>`,
  )}</svg></div>`;
}

function sum(buckets: readonly number[]): number {
  return buckets.reduce((total, waits) => total + waits, 0);
}

function peakShare(buckets: readonly number[]): number {
  return Math.max(0, ...buckets) / Math.max(1, sum(buckets));
}

/** At most about four labels: they must fit a panel on a phone. */
export function bucketTicks(low: number, high: number): number[] {
  const step = Math.max(1, Math.ceil((high - low) / 4));
  const ticks: number[] = [];
  for (let bucket = low; bucket <= high - step / 2; bucket += step) ticks.push(bucket);
  return ticks;
}

function bars(
  buckets: readonly number[],
  arm: number,
  axis: { low: number; high: number; peak: number },
  label: string,
): Part {
  const total = sum(buckets);
  const step = 100 / (axis.high - axis.low);
  return buckets.map((waits, bucket) => {
    if (waits <= 0) return null;
    const height = Math.max(1, Number((((waits / total) * (half - 4)) / axis.peak).toFixed(1)));
    return html`<rect class="bar ${arm === 0 ? "default" : "candidate"}" x="${share((bucket - axis.low) * step + step * 0.06)}" width="${share(step * 0.88)}" y="${arm === 0 ? Number((half - height).toFixed(1)) : half}" height="${height}"><title>${clip(armName(label), nameCharsMax)}: ${count(waits, "wait")} of ${bucketLabel(bucket)} to ${bucketLabel(bucket + 1)} (${percent((waits / total) * 100)})</title></rect>`;
  });
}

function waitsTable(entries: readonly EntryWaits[], traces: readonly LabelledTrace[]): Html {
  const quantile = (buckets: readonly number[], q: number) => {
    const us = waitQuantileUs(buckets, q);
    return us === null ? "–" : duration(us / 1000);
  };
  return dataTable(
    "Run-queue waits by entry",
    [
      { title: "Entry" },
      { title: "Arm" },
      { title: "Waits", numeric: true },
      { title: "Median", numeric: true },
      { title: "p95", numeric: true },
      { title: "p99", numeric: true },
    ],
    entries.flatMap(({ entry, arms }) =>
      arms.map((buckets, arm) => [
        clip(entry, nameCharsMax),
        clip(armName(traces[arm]?.label ?? ""), nameCharsMax),
        whole(sum(buckets)),
        quantile(buckets, 0.5),
        quantile(buckets, 0.95),
        quantile(buckets, 0.99),
      ]),
    ),
  );
}
