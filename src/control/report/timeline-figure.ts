// Who ran where: one lane a CPU, one block of lanes an arm, the same axis of time for all.

import type { Trace } from "../../contract/measurement.ts";
import { dataTable, figure, legend } from "./figure.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { duration, whole } from "./quantity.ts";
import { armName, type LabelledTrace, nameCharsMax, orderedTraces } from "./report-input.ts";
import { linearScale, share, tickDecimals } from "./scale.ts";
import { type Drawing, lanePieces, widest } from "./timeline-lane.ts";
import { timelinePieces } from "./timeline-pieces.ts";
import { coloursMax, entryColours, entryRuns, otherEntry } from "./trace-summary.ts";

const armsMax = 4;
export function timelineFigure(allTraces: readonly LabelledTrace[]): Html {
  const traces = orderedTraces(allTraces)
    .slice(0, armsMax)
    .filter(({ trace }) => trace.timeline.length > 0);
  if (traces.length === 0) return html`<p class="none">No time on a CPU was recorded.</p>`;
  const horizonUs = Math.max(...traces.map(({ trace }) => horizonOf(trace)));
  const colours = entryColours(traces);
  const scale = linearScale([0, (horizonUs / 1e6) * 1.02], { ticks: 8, nice: false });
  const dropped = traces.reduce((sum, { trace }) => sum + trace.dropped, 0);
  return figure(
    html`One traced run of each arm; a lane is a CPU, a block one task while it ran, empty ground is idle time. Where tasks alternate too fast to be drawn one by one, the height of a colour is that entry’s share of the CPU’s time.${
      dropped > 0 &&
      html` ${whole(dropped)} segments did not fit the limit: where a lane is a dotted line, nothing was recorded.`
    }`,
    html`${legend(colourLegend(colours, traces))}<div class="timeline">${traces.map(
      (labelled, arm) => armLanes(labelled, arm, { horizonUs: horizonUs * 1.02, scale, colours }),
    )}<div class="lanerow axis" aria-hidden="true"><span></span><svg height="24">${scale.ticks.map(
      (tick, index) =>
        html`<text class="tick${index % 2 === 1 && " wide"}" x="${share(scale.at(tick))}" y="16" text-anchor="${index === 0 ? "start" : "middle"}">${tick.toFixed(tickDecimals(scale.ticks))} s</text>`,
    )}</svg></div></div>`,
    runsTable(traces),
  );
}

function lastUs(trace: Trace): number {
  return trace.timeline.reduce((latest, [, , , , endUs]) => Math.max(latest, endUs), 0);
}

function horizonOf(trace: Trace): number {
  return Math.max(1, trace.makespanMs * 1000, lastUs(trace));
}

function colourLegend(colours: Map<string, number>, traces: readonly LabelledTrace[]) {
  const own = [...colours].filter(([, colour]) => colour < coloursMax);
  const further = colours.size - own.length;
  const tasks = new Map(
    traces.flatMap(({ trace }) => entryRuns(trace).map((run) => [run.entry, run.tasks])),
  );
  const items = own.map(([entry, colour]) => ({
    mark: `box e${colour}`,
    label:
      html`${clip(entry, nameCharsMax)}${(tasks.get(entry) ?? 1) > 1 && html` × ${whole(tasks.get(entry) ?? 1)}`}` as Part,
  }));
  const other =
    further > 0 ? `${whole(further)} further ${further === 1 ? "entry" : "entries"}` : "other";
  const unnamed = tasks.has(otherEntry);
  return further > 0 || unnamed ? [...items, { mark: `box e${coloursMax}`, label: other }] : items;
}

function armLanes({ label, trace }: LabelledTrace, arm: number, drawing: Drawing): Html {
  const { lanes } = timelinePieces(trace, drawing.horizonUs);
  const height = lanes.size <= 4 ? 30 : lanes.size <= 16 ? 16 : 7;
  const every = Math.ceil(18 / (height + 3));
  const name = clip(armName(label), nameCharsMax);
  const end = drawing.scale.at(trace.makespanMs / 1000);
  const recorded = trace.dropped > 0 ? Math.min(end, drawing.scale.at(lastUs(trace) / 1e6)) : end;
  const titled = widest([...lanes.values()].flat(), drawing.horizonUs);
  return html`<div class="arm"><h3><i class="${arm === 0 && label === "default" ? "dot default" : "dia candidate"}" aria-hidden="true"></i>${name} <span>done after ${duration(trace.makespanMs)}</span></h3><div role="img" aria-label="${`Timeline of ${name} on ${lanes.size} CPUs; the table below has its numbers.`}">${[
    ...lanes,
  ].map(
    ([cpu, pieces], index) =>
      html`<div class="lanerow"><span class="tick">${index % every === 0 && html`CPU ${cpu}`}</span><svg class="lane" height="${height}"><rect class="idle" x="0" y="0" height="100%" width="${share(recorded)}"/>${recorded < end && html`<line class="unrecorded" x1="${share(recorded)}" x2="${share(end)}" y1="50%" y2="50%"/>`}${lanePieces(pieces, trace, drawing, titled)}${drawing.scale.ticks.map(
        (tick) =>
          html`<line class="grid" x1="${share(drawing.scale.at(tick))}" x2="${share(drawing.scale.at(tick))}" y1="0" y2="100%"/>`,
      )}<line class="done ${arm === 0 && label === "default" ? "default" : "candidate"}" x1="${share(end)}" x2="${share(end)}" y1="-3" y2="${height + 3}"/></svg></div>`,
  )}</div></div>`;
}

function runsTable(traces: readonly LabelledTrace[]): Html {
  return dataTable(
    traces.some(({ trace }) => trace.dropped > 0)
      ? "When each entry ran, as far as it was recorded"
      : "When each entry ran",
    [
      { title: "Entry" },
      { title: "Arm" },
      { title: "Tasks", numeric: true },
      { title: "First ran at", numeric: true },
      { title: "Last ran at", numeric: true },
      { title: "Time on a CPU", numeric: true },
    ],
    traces.flatMap(({ label, trace }) =>
      entryRuns(trace).map((run) => [
        clip(run.entry, nameCharsMax),
        clip(armName(label), nameCharsMax),
        whole(run.tasks),
        duration(run.firstUs / 1000),
        duration(run.lastUs / 1000),
        duration(run.cpuUs / 1000),
      ]),
    ),
  );
}

/**
 * The one thing to see in it: when the longest job was done, under each arm. Null where
 * all are alike, or where the end of a run was not recorded.
 */
export function timelineFinding(allTraces: readonly LabelledTrace[]): Html | null {
  const traces = orderedTraces(allTraces).filter(({ trace }) => trace.timeline.length > 0);
  const colours = entryColours(traces.slice(0, armsMax));
  const [longest] = colours.keys();
  if (longest === undefined || colours.size < 2) return null;
  if (traces.some(({ trace }) => trace.dropped > 0)) return null;
  const told = traces.slice(0, 2).flatMap(({ label, trace }) => {
    const run = entryRuns(trace).find(({ entry }) => entry === longest);
    if (run === undefined) return [];
    const active = Math.round((run.cpuUs / Math.max(1, run.lastUs - run.firstUs)) * 100);
    return [
      html`under ${label === "default" ? "the default" : html`<b>${clip(label, nameCharsMax)}</b>`} it first ran at ${duration(run.firstUs / 1000)}${run.tasks === 1 && html`, held a CPU for ${active} % of the time from then on`} and ended at ${duration(run.lastUs / 1000)}`,
    ];
  });
  if (told.length < 2) return null;
  return html`<p class="lead">Follow <b>${clip(longest, nameCharsMax)}</b>, the entry with the longest tasks: ${told[0]}; ${told[1]}.</p>`;
}
