// The Gantt chart of a simulated run: the policy above, the default scheduler's model below, on one
// axis of time, with the waits of the task that waited longest. One drawing that stands alone as SVG
// or goes into a page. Pure. Called by simulation-page.ts and write-gantt.ts.

import type { Recording } from "../../simulator/report/recorder.ts";
import {
  arm,
  armLayout,
  laneWidth,
  laneX,
  longestWait,
  traceOf,
  waitingPeak,
  xOf,
} from "./gantt-arm.ts";
import { clip, type Html, html, literal, type Part } from "./html.ts";
import { palette } from "./palette.ts";
import { whole } from "./quantity.ts";
import { nameCharsMax } from "./report-input.ts";
import { linearScale, tickDecimals } from "./scale.ts";
import { coloursMax, entryColours } from "./trace-summary.ts";

const width = laneX + laneWidth + 24;
const axisHeight = 34;

export interface Gantt {
  title: string;
  subtitle: string;
  /** The policy's first. */
  recordings: readonly Recording[];
}

const rules = literal`
.gantt text{font:13px system-ui,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums}
.gantt .ground{fill:var(--bg)}
.gantt text.title{font-size:22px;font-weight:680;letter-spacing:-.01em}
.gantt text.subtitle,.gantt .soft{fill:var(--soft);font-weight:400}
.gantt .bad{fill:var(--candidate-ink);font-weight:600}
.gantt text.armhead{font-size:15px;font-weight:670}
.gantt text.armhead tspan{font-size:14px}
.gantt text.lane,.gantt text.tick{font-size:12.5px;fill:var(--soft)}
.gantt text.lane,.gantt text.peak{text-anchor:end}
.gantt text.peak{font-size:11.5px;fill:var(--soft)}
.gantt .idle{fill:var(--idle)}
.gantt .swatch{stroke:var(--rule)}
.gantt .grid{stroke:var(--grid)}
.gantt .zero{stroke:var(--rule)}
.gantt .done{stroke:var(--ink);stroke-width:2}
.gantt .unrecorded{stroke:var(--soft);stroke-dasharray:1 5}
.gantt .asleep{fill:var(--rule)}
.gantt .wait{fill:url(#waiting)}
.gantt .hatch{stroke:var(--candidate);stroke-width:3}
.gantt .hatchground{fill:var(--candidate);opacity:.18}
.gantt .bracket{fill:none;stroke:var(--candidate);stroke-width:1.5}
.gantt text.waited{font-size:12.5px;font-weight:650;fill:var(--candidate-ink)}
.gantt .queue{fill:var(--default);opacity:.75}
.gantt .exit{stroke:var(--candidate);stroke-width:2;stroke-dasharray:5 3}
.gantt .exitmark{fill:var(--candidate)}
`;

export const ganttStyle = html`${palette}${rules}`;

/** The drawing; `alone`: with its own title, ground and style sheet. */
export function ganttDrawing(chart: Gantt, alone: boolean): Html {
  const { recordings } = chart;
  const traces = recordings.map((recording) => ({
    label: recording.label,
    trace: traceOf(recording),
  }));
  const colours = entryColours(traces);
  const longestNs = Math.max(
    1000,
    ...recordings.map(({ makespanNs, endNs, cut }) =>
      cut ? makespanNs : Math.min(makespanNs, endNs),
    ),
  );
  const horizonUs = (longestNs / 1000) * 1.01;
  const scale = linearScale([0, horizonUs / 1e6], { ticks: 10, nice: false });
  const waitingMax = Math.max(1, ...recordings.map((each) => waitingPeak(each, horizonUs)));
  const drawing = { horizonUs, scale, colours, waitingMax };
  const worst = recordings[0] === undefined ? null : longestWait(recordings[0]);
  const head = alone ? 74 : 0;
  const legend = legendRows(colours, recordings, head + 14, worst !== null);
  let y = legend.endY + 16;
  const arms = recordings.map((recording) => {
    const drawn = arm(recording, worst, y, drawing);
    y += armLayout(recording, worst).height;
    return drawn;
  });
  const height = y + axisHeight - 12;
  const inMs = horizonUs < 500_000 && horizonUs > 10_000;
  const axis = scale.ticks.map(
    (tick) =>
      html`<text class="tick" x="${xOf(tick * 1e9, horizonUs)}" y="${y + 4}" text-anchor="middle">${inMs ? `${whole(tick * 1000)} ms` : `${tick.toFixed(tickDecimals(scale.ticks))} s`}</text>`,
  );
  const title =
    alone &&
    html`<rect class="ground" width="${width}" height="${height}"/><text class="title" x="24" y="36">${clip(chart.title, 90)}</text><text class="subtitle" x="24" y="58">${clip(chart.subtitle, 150)}</text>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="gantt" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${clip(chart.title, 200)}">${alone && html`<style>${ganttStyle}</style>`}<defs><pattern id="waiting" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatchground" width="7" height="7"/><line class="hatch" x1="1.5" x2="1.5" y1="0" y2="7"/></pattern></defs>${title}${legend.drawn}${arms}${axis}</svg>`;
}

/** About the advance of the legend's font. */
const characterWidth = 6.9;

function legendRows(
  colours: Map<string, number>,
  recordings: readonly Recording[],
  top: number,
  hasWaits: boolean,
): { drawn: Html; endY: number } {
  const counts = new Map<string, number>();
  for (const task of recordings[0]?.tasks ?? []) {
    if (task !== undefined) counts.set(task.entry, (counts.get(task.entry) ?? 0) + 1);
  }
  const own = [...colours].filter(([, colour]) => colour < coloursMax);
  const further = colours.size - own.length;
  const items: { mark: string; label: string }[] = own.map(([entry, colour]) => {
    const tasks = counts.get(entry) ?? 1;
    const label = clip(entry, nameCharsMax / 2);
    return { mark: `e${colour}`, label: tasks > 1 ? `${label} × ${whole(tasks)}` : label };
  });
  if (further > 0) items.push({ mark: `e${coloursMax}`, label: `${whole(further)} more` });
  items.push({ mark: "idle", label: "idle" });
  if (hasWaits) items.push({ mark: "wait", label: "wants a CPU, has none" });
  const drawn: Part[] = [];
  let [x, y] = [laneX, top];
  for (const { mark, label } of items) {
    const itemWidth = 22 + label.length * characterWidth + 22;
    if (x > laneX && x + itemWidth > laneX + laneWidth) [x, y] = [laneX, y + 22];
    drawn.push(
      html`<rect class="${mark}${mark === "idle" && " swatch"}" x="${x}" y="${y - 10}" width="15" height="11" rx="2"/><text x="${x + 22}" y="${y}">${label}</text>`,
    );
    x += Math.round(itemWidth);
  }
  return { drawn: html`<g>${drawn}</g>`, endY: y };
}
