// Makes a timeline small enough to draw without telling lies: neighbouring segments of one task are
// joined, what is wide enough stays a segment of its own, and a stretch of segments too short to
// be seen becomes bins that carry each entry's share of the time. A minority never disappears, as
// it would if the most frequent one won each pixel. Pure; called by timeline-figure.ts.

import type { Trace } from "../../contract/measurement.ts";

interface Segment {
  entry: number;
  pid: number;
  startUs: number;
  endUs: number;
}

/** One task alone on the CPU. */
export interface Solo extends Segment {
  kind: "solo";
}

/** Too many to tell apart: entry → share of the stretch, 0..1; the rest was idle. */
export interface Mixture {
  kind: "mixture";
  startUs: number;
  endUs: number;
  shares: Map<number, number>;
}

export type Piece = Solo | Mixture;

/** Shapes that one timeline may draw. */
const shapesMax = 9000;
const binColumns = 4;
/** Fewer segments in a bin than so many would make its shares jump from bin to bin. */
const binSegmentsMin = 8;

/** Pieces of each CPU, in order of time; `columns` is the resolution that fitted the limit. */
export interface TimelinePieces {
  lanes: Map<number, Piece[]>;
  columns: number;
}

export function timelinePieces(trace: Trace, horizonUs: number): TimelinePieces {
  const byCpu = segmentsByCpu(trace);
  for (let columns = 1200; ; columns /= 2) {
    const columnUs = horizonUs / columns;
    const lanes = new Map([...byCpu].map(([cpu, segments]) => [cpu, lane(segments, columnUs)]));
    if (columns < 20 || shapes(lanes) <= shapesMax) return { lanes, columns };
  }
}

function shapes(lanes: Map<number, Piece[]>): number {
  let total = 0;
  for (const pieces of lanes.values()) {
    for (const piece of pieces) total += piece.kind === "solo" ? 1 : piece.shares.size;
  }
  return total;
}

function segmentsByCpu(trace: Trace): Map<number, Segment[]> {
  const byCpu = new Map<number, Segment[]>();
  for (const [cpu, entry, pid, startUs, endUs] of trace.timeline) {
    if (!(endUs > startUs) || !Number.isFinite(endUs - startUs)) continue;
    const segments = byCpu.get(cpu) ?? [];
    segments.push({ entry, pid, startUs, endUs });
    byCpu.set(cpu, segments);
  }
  for (const segments of byCpu.values()) segments.sort((a, b) => a.startUs - b.startUs);
  return new Map([...byCpu].sort(([a], [b]) => a - b));
}

function lane(segments: readonly Segment[], columnUs: number): Piece[] {
  const pieces: Piece[] = [];
  let run: Segment[] = [];
  const flush = () => {
    pieces.push(...mixtures(run, columnUs * binColumns));
    run = [];
  };
  for (const segment of joined(segments, columnUs / 4)) {
    if (segment.endUs - segment.startUs >= columnUs) {
      flush();
      pieces.push({ kind: "solo", ...segment });
    } else {
      // A long pause ends a stretch: it is to be seen as idle time, not as a thin mixture.
      const last = run.at(-1);
      if (last !== undefined && segment.startUs - last.endUs > columnUs * binColumns) flush();
      run.push(segment);
    }
  }
  flush();
  return pieces;
}

/** A task that went on after a pause too short to be seen is one segment. */
function joined(segments: readonly Segment[], pauseUs: number): Segment[] {
  const all: Segment[] = [];
  for (const segment of segments) {
    const last = all.at(-1);
    if (
      last !== undefined &&
      last.pid === segment.pid &&
      last.entry === segment.entry &&
      segment.startUs - last.endUs <= pauseUs
    ) {
      last.endUs = Math.max(last.endUs, segment.endUs);
    } else all.push({ ...segment });
  }
  return all;
}

function mixtures(run: readonly Segment[], binUs: number): Mixture[] {
  const [first, last] = [run.at(0), run.at(-1)];
  if (first === undefined || last === undefined) return [];
  const spanUs = last.endUs - first.startUs;
  const bins = Math.max(1, Math.round(Math.min(spanUs / binUs, run.length / binSegmentsMin)));
  const width = spanUs / bins;
  const all = Array.from({ length: bins }, (_, index): Mixture => {
    const startUs = first.startUs + index * width;
    return { kind: "mixture", startUs, endUs: startUs + width, shares: new Map() };
  });
  for (const { entry, startUs, endUs } of run) {
    const from = Math.floor((startUs - first.startUs) / width);
    for (let index = from; index < bins; index++) {
      const bin = all[index];
      if (bin === undefined || bin.startUs >= endUs) break;
      const overlapUs = Math.min(endUs, bin.endUs) - Math.max(startUs, bin.startUs);
      if (overlapUs > 0) bin.shares.set(entry, (bin.shares.get(entry) ?? 0) + overlapUs / width);
    }
  }
  return all.filter((bin) => bin.shares.size > 0);
}
