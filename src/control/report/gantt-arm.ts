// One scheduler's block of a Gantt chart: a lane a CPU, the lane of the task that waited worst, and how
// many tasks waited. Draws into a fixed width; called by gantt.ts.

import type { Trace } from "../../contract/measurement.ts";
import type { Recording } from "../../simulator/report/recorder.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { duration } from "./quantity.ts";
import { armName, nameCharsMax } from "./report-input.ts";
import { type Drawing, lanePieces, widest } from "./timeline-lane.ts";
import { timelinePieces } from "./timeline-pieces.ts";

/** Where the lanes begin and how wide they are, in units of the drawing. */
export const laneX = 96;
export const laneWidth = 1060;
const headHeight = 30;
const focusHeight = 16;
const queueHeight = 34;
const gap = 6;
/** Resolution of the worst task's lane and of the queue, in columns. */
const columns = laneWidth;

/** A task's longest single wait. */
export interface Wait {
  spec: number;
  instance: number;
  startNs: number;
  endNs: number;
}

export interface ArmLayout {
  height: number;
  laneHeight: number;
}

export function armLayout(recording: Recording, focus: Wait | null): ArmLayout {
  const { cpus } = recording;
  const laneHeight = cpus <= 4 ? 28 : cpus <= 8 ? 20 : cpus <= 16 ? 13 : cpus <= 32 ? 7 : 4;
  const lanes = cpus * (laneHeight + 2);
  const focusPart = focus === null ? 0 : focusHeight + 24;
  return { laneHeight, height: headHeight + lanes + focusPart + gap + queueHeight + 22 };
}

/** The recording as the timeline's drawing takes it. */
export function traceOf(recording: Recording): Trace {
  const entries = [...new Set(recording.tasks.map((task) => task.entry))];
  const indexOf = new Map(entries.map((entry, index) => [entry, index]));
  const { running, tasks } = recording;
  return {
    entries,
    waits: [],
    timeline: Array.from(running.task, (task, row) => [
      running.cpu[row] ?? 0,
      indexOf.get(tasks[task]?.entry ?? "") ?? 0,
      tasks[task]?.pid ?? 0,
      (running.startNs[row] ?? 0) / 1000,
      (running.endNs[row] ?? 0) / 1000,
    ]),
    dropped: recording.cut ? 1 : 0,
    makespanMs: recording.makespanNs / 1e6,
  };
}

export function arm(
  recording: Recording,
  focus: Wait | null,
  y: number,
  drawing: Drawing & { waitingMax: number },
): Html {
  const { laneHeight } = armLayout(recording, focus);
  const trace = traceOf(recording);
  const { lanes } = timelinePieces(trace, drawing.horizonUs);
  const titled = widest([...lanes.values()].flat(), drawing.horizonUs);
  const at = (ns: number) => xOf(ns, drawing.horizonUs);
  const endX = at(Math.min(recording.makespanNs, drawing.horizonUs * 1000));
  const knownX = recording.cut ? Math.min(endX, at(recording.endNs)) : endX;
  const top = y + headHeight;
  const every = Math.ceil(14 / (laneHeight + 2));
  const rows = Array.from({ length: recording.cpus }, (_, cpu) => {
    const rowY = top + cpu * (laneHeight + 2);
    return html`${cpu % every === 0 && html`<text class="lane" x="${laneX - 10}" y="${rowY + laneHeight / 2 + 4.5}">CPU ${cpu}</text>`}<rect class="idle" x="${laneX}" y="${rowY}" width="${knownX - laneX}" height="${laneHeight}"/>${
      knownX < endX &&
      html`<line class="unrecorded" x1="${knownX}" x2="${endX}" y1="${rowY + laneHeight / 2}" y2="${rowY + laneHeight / 2}"/>`
    }<svg x="${laneX}" y="${rowY}" width="${laneWidth}" height="${laneHeight}">${lanePieces(lanes.get(cpu) ?? [], trace, drawing, titled)}</svg>`;
  });
  const lanesEnd = top + recording.cpus * (laneHeight + 2);
  const focusY = lanesEnd + 18;
  const queueY = focus === null ? lanesEnd + gap : focusY + focusHeight + gap + 6;
  const queueEnd = queueY + queueHeight;
  return html`<g><text class="armhead" x="${laneX}" y="${y + 18}">${heading(recording)}</text>${drawing.scale.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${at(tick * 1e9)}" x2="${at(tick * 1e9)}" y1="${top - 3}" y2="${queueEnd}"/>`,
  )}${rows}${focus !== null && focusLane(recording, focus, focusY, drawing)}${queue(recording, queueY, endX, drawing)}${exitMark(recording, top, lanesEnd, at)}<line class="done" x1="${endX}" x2="${endX}" y1="${top - 4}" y2="${queueEnd + 4}"/></g>`;
}

export function xOf(ns: number, horizonUs: number): number {
  return fixed(laneX + (ns / 1000 / horizonUs) * laneWidth);
}

function fixed(value: number): number {
  return Number(value.toFixed(2));
}

function heading(recording: Recording): Part {
  const { exit } = recording;
  const name = clip(armName(recording.label), nameCharsMax);
  const finished = `${recording.finished ? "done" : "still running"} after ${duration(recording.makespanNs / 1e6)}`;
  if (exit === null)
    return html`${name}<tspan class="soft" dx="10">${finished}</tspan>${recording.label === "default" && html`<tspan class="soft">, EEVDF model</tspan>`}`;
  const why = clip(`${exit.reason}${exit.message === "" ? "" : ` (${exit.message})`}`, 90);
  return html`${name}<tspan class="bad" dx="10">left after ${duration(exit.ns / 1e6)}: ${why}</tspan>`;
}

function exitMark(
  recording: Recording,
  top: number,
  bottom: number,
  at: (ns: number) => number,
): Part {
  const { exit } = recording;
  if (exit === null || exit.ns > recording.endNs) return null;
  const x = at(exit.ns);
  return html`<line class="exit" x1="${x}" x2="${x}" y1="${top - 4}" y2="${bottom}"><title>The scheduler left here: ${clip(exit.reason, 200)}. What follows ran under the default.</title></line><path class="exitmark" d="M${x - 6} ${top - 11}h12l-6 8z"/>`;
}

/** The worst task's states by column: running from the bottom, waiting above it, each as its share. */
function focusLane(recording: Recording, focus: Wait, y: number, drawing: Drawing): Html {
  const task = recording.tasks.findIndex(
    (known) => known?.spec === focus.spec && known.instance === focus.instance,
  );
  const known = recording.tasks[task];
  const label = html`<text class="lane" x="${laneX - 10}" y="${y + focusHeight / 2 + 4.5}">${clip(known?.comm ?? "?", 12)}</text>`;
  if (known === undefined) return label;
  const horizonNs = drawing.horizonUs * 1000;
  const running = sharesByColumn(recording.running, task, horizonNs);
  const waiting = sharesByColumn(recording.waiting, task, horizonNs);
  const colour = drawing.colours.get(known.entry) ?? 7;
  const longest = longestWait(recording, (other) => other === task);
  const [x, end] = [xOf(known.startNs, drawing.horizonUs), lifeEnd(recording, task, drawing)];
  return html`${label}<rect class="asleep" x="${x}" y="${y + focusHeight / 2 - 1}" width="${fixed(Math.max(0, end - x))}" height="2"/>${bars(
    waiting.map((share, column) => ({
      from: running[column] ?? 0,
      to: share + (running[column] ?? 0),
    })),
    y,
    "wait",
  )}${bars(
    running.map((share) => ({ from: 0, to: share })),
    y,
    `e${colour}`,
  )}${longest !== null && bracket(longest, y, drawing, `${duration((longest.endNs - longest.startNs) / 1e6)}`)}`;
}

function lifeEnd(recording: Recording, task: number, drawing: Drawing): number {
  const exitNs = recording.tasks[task]?.exitNs ?? -1;
  return xOf(exitNs < 0 ? recording.endNs : exitNs, drawing.horizonUs);
}

function bracket(wait: Wait, y: number, drawing: Drawing, text: string): Html {
  const [x, end] = [xOf(wait.startNs, drawing.horizonUs), xOf(wait.endNs, drawing.horizonUs)];
  const middle = fixed((x + end) / 2);
  const anchor = middle < laneX + 60 ? "start" : middle > laneX + laneWidth - 60 ? "end" : "middle";
  const textX = anchor === "start" ? x : anchor === "end" ? end : middle;
  return html`<path class="bracket" d="M${x} ${y - 1}v-4H${end}v4"/><text class="waited" x="${textX}" y="${y - 8}" text-anchor="${anchor}">waited ${text}</text>`;
}

function sharesByColumn(spans: Recording["running"], task: number, horizonNs: number): number[] {
  const shares = new Array<number>(columns).fill(0);
  const width = horizonNs / columns;
  for (let row = 0; row < spans.task.length; row++) {
    if (spans.task[row] !== task) continue;
    const [startNs, endNs] = [spans.startNs[row] ?? 0, spans.endNs[row] ?? 0];
    const last = Math.min(columns - 1, Math.floor(endNs / width));
    for (let column = Math.floor(startNs / width); column <= last; column++) {
      const overlap = Math.min(endNs, (column + 1) * width) - Math.max(startNs, column * width);
      if (overlap > 0) shares[column] = (shares[column] ?? 0) + overlap / width;
    }
  }
  return shares;
}

/** One path; equal neighbours are one block. Shares are drawn to an eighth. */
function bars(shares: readonly { from: number; to: number }[], y: number, className: string): Part {
  const eighth = (share: number) => Math.round(Math.min(1, share) * 8) / 8;
  let path = "";
  let start = 0;
  const same = (a: number, b: number) =>
    eighth(shares[a]?.from ?? 0) === eighth(shares[b]?.from ?? 0) &&
    eighth(shares[a]?.to ?? 0) === eighth(shares[b]?.to ?? 0);
  for (let column = 1; column <= shares.length; column++) {
    if (column < shares.length && same(start, column)) continue;
    const [from, to] = [eighth(shares[start]?.from ?? 0), eighth(shares[start]?.to ?? 0)];
    if (to > from) {
      const [top, height] = [y + focusHeight * (1 - to), focusHeight * (to - from)];
      const x = laneX + (start * laneWidth) / columns;
      const width = ((column - start) * laneWidth) / columns;
      path += `M${fixed(x)} ${fixed(top)}h${fixed(width)}v${fixed(height)}h${fixed(-width)}z`;
    }
    start = column;
  }
  return path === "" ? null : html`<path class="${className}" d="${path}"/>`;
}

/** Most tasks that waited at once, by column, on one scale for all arms. */
function queue(
  recording: Recording,
  y: number,
  endX: number,
  drawing: Drawing & { waitingMax: number },
): Html {
  const most = waitingByColumn(recording, drawing.horizonUs * 1000);
  const bottom = y + queueHeight;
  const height = (tasks: number) =>
    fixed(bottom - (tasks / Math.max(1, drawing.waitingMax)) * queueHeight);
  let path = `M${laneX} ${bottom}`;
  let last = -1;
  for (const [column, tasks] of most.entries()) {
    const x = laneX + (column * laneWidth) / columns;
    if (x > endX) break;
    if (tasks !== last)
      path += `${last < 0 ? "L" : "H"}${fixed(x)}${last < 0 ? ` ${height(tasks)}` : `V${height(tasks)}`}`;
    last = tasks;
  }
  path += `H${endX}V${bottom}z`;
  const peak = Math.max(0, ...most);
  return html`<text class="lane" x="${laneX - 10}" y="${y + 14}">waiting</text><text class="peak" x="${laneX - 10}" y="${y + 29}">max ${peak}</text><path class="queue" d="${path}"><title>Tasks that wanted a CPU and had none: at most ${peak} at once</title></path><line class="zero" x1="${laneX}" x2="${endX}" y1="${bottom}" y2="${bottom}"/>`;
}

function waitingByColumn(recording: Recording, horizonNs: number): number[] {
  const { waiting } = recording;
  const changes: [number, number][] = [];
  for (let row = 0; row < waiting.task.length; row++) {
    changes.push([waiting.startNs[row] ?? 0, 1], [waiting.endNs[row] ?? 0, -1]);
  }
  // At one moment those who stop waiting go first: a hand-over is no queue.
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const most = new Array<number>(columns).fill(0);
  const width = horizonNs / columns;
  let [now, next] = [0, 0];
  for (let column = 0; column < columns; column++) {
    let peak = now;
    for (; next < changes.length; next++) {
      const [ns, change] = changes[next] ?? [0, 0];
      if (ns >= (column + 1) * width) break;
      now += change;
      peak = Math.max(peak, now);
    }
    most[column] = peak;
  }
  return most;
}

export function waitingPeak(recording: Recording, horizonUs: number): number {
  return Math.max(0, ...waitingByColumn(recording, horizonUs * 1000));
}

/** The longest wait of the tasks that are meant; null where none of them waited. */
export function longestWait(
  recording: Recording,
  isMeant: (task: number) => boolean = () => true,
): Wait | null {
  const { waiting, tasks } = recording;
  let [best, bestNs] = [-1, 0];
  for (let row = 0; row < waiting.task.length; row++) {
    const waitedNs = (waiting.endNs[row] ?? 0) - (waiting.startNs[row] ?? 0);
    if (waitedNs <= bestNs || !isMeant(waiting.task[row] ?? -1)) continue;
    [best, bestNs] = [row, waitedNs];
  }
  const known = tasks[waiting.task[best] ?? -1];
  if (known === undefined) return null;
  const { spec, instance } = known;
  return { spec, instance, startNs: waiting.startNs[best] ?? 0, endNs: waiting.endNs[best] ?? 0 };
}
