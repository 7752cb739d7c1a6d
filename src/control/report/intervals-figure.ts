// The forest plot: one row an estimate, its 95 % interval against no change. HTML rows, so that
// labels wrap and fold on a phone; each row draws its part of the common axis.

import { figure } from "./figure.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { percentRange, signedPercent } from "./quantity.ts";
import { linearScale, type Scale, share } from "./scale.ts";

interface Interval {
  improvementPercent: number;
  confidenceInterval: readonly [number, number];
}

export interface IntervalRow extends Interval {
  label: string;
  /** Small print under the label: parameters, the round in which it left. */
  detail: string;
  kind: "confirmed" | "screened";
}

/**
 * Axis around 0 that holds the estimates and, within reason, their intervals: what is longer than
 * the reach (percent) is cut and ends in an arrow, so that one wild row does not squash the others.
 */
export function intervalScale(rows: readonly Interval[], reachMax = 1000): Scale {
  const estimates = rows.map((row) => Math.abs(row.improvementPercent)).filter(Number.isFinite);
  const reach = Math.min(reachMax, Math.max(20, ...estimates.map((estimate) => estimate * 2)));
  const ends = rows.flatMap((row) => [row.improvementPercent, ...row.confidenceInterval]);
  const numbers = ends.filter(Number.isFinite);
  const high = Math.min(reach, Math.max(2, ...numbers));
  const low = Math.max(-reach, Math.min(-2, ...numbers));
  const room = (high - low) * 0.03;
  return linearScale([low - room, high + room], { ticks: 6, nice: false });
}

export function intervalsFigure(rows: readonly IntervalRow[], caption: Part, table: Html): Html {
  const scale = intervalScale(rows);
  return figure(
    caption,
    html`<div class="forest"><div class="row head" aria-hidden="true"><span></span><span class="plotcell ends"><span>← worse</span><span>better →</span></span><span></span></div>${rows.map(
      (row) =>
        html`<div class="row ${row.kind}"><div class="label"><b>${clip(row.label, 80)}</b>${row.detail !== "" && html`<small>${clip(row.detail, 160)}</small>`}</div><div class="plotcell">${intervalDrawing(row, scale, row.kind)}</div><div class="estimate"><b>${signedPercent(row.improvementPercent)}</b><small>${percentRange(row.confidenceInterval)}</small></div></div>`,
    )}<div class="row axis" aria-hidden="true"><span></span><span class="plotcell"><svg height="22">${scale.ticks.map(
      (tick, index) =>
        html`<text class="tick${index % 2 === 1 && tick !== 0 && " wide"}" x="${share(scale.at(tick))}" y="14" text-anchor="middle">${signedPercent(tick, Number.isInteger(tick) ? 0 : 1)}</text>`,
    )}</svg></span><span></span></div></div>`,
    table,
  );
}

/** One interval with its estimate on the common axis, as high as the row. */
export function intervalDrawing(row: Interval, scale: Scale, className: string): Html {
  const [low, high] = row.confidenceInterval;
  const clamp = (value: number) => Math.min(100, Math.max(0, scale.at(value)));
  const estimate = scale.at(row.improvementPercent);
  const says = `${signedPercent(row.improvementPercent)}, interval ${percentRange(row.confidenceInterval)}`;
  return html`<svg class="interval ${className}" role="img" aria-label="${says}"><title>${says}</title>${scale.ticks.map(
    (tick) =>
      html`<line class="${tick === 0 ? "zero" : "grid"}" x1="${share(scale.at(tick))}" x2="${share(scale.at(tick))}" y1="0" y2="100%"/>`,
  )}<line class="span" x1="${share(clamp(low))}" x2="${share(clamp(high))}" y1="50%" y2="50%"/>${
    estimate >= 0 &&
    estimate <= 100 &&
    html`<svg x="${share(estimate)}" y="50%" overflow="visible"><path class="estimate" d="M0-6L6 0L0 6L-6 0Z"/></svg>`
  }${
    scale.at(low) < 0 && beyond("0", "M-2 0L7-6V6Z")
  }${scale.at(high) > 100 && beyond("100%", "M2 0L-7-6V6Z")}</svg>`;
}

function beyond(x: string, path: string): Html {
  return html`<svg x="${x}" y="50%" overflow="visible"><path class="beyond" d="${path}"/></svg>`;
}
