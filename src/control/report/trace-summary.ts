// What a trace says of each entry, in numbers: when it first and last ran, and how much. Pure.

import type { Trace } from "../../contract/measurement.ts";
import type { LabelledTrace } from "./report-input.ts";

export interface EntryRuns {
  entry: string;
  tasks: number;
  firstUs: number;
  lastUs: number;
  cpuUs: number;
}

/** Segments of an entry that the trace does not name belong to "(other)". */
export const otherEntry = "(other)";

export function entryName(trace: Trace, index: number): string {
  return trace.entries[index] ?? otherEntry;
}

export function entryRuns(trace: Trace): EntryRuns[] {
  const runs = new Map<string, EntryRuns & { pids: Set<number> }>();
  for (const [, index, pid, startUs, endUs] of trace.timeline) {
    const entry = entryName(trace, index);
    const known = runs.get(entry) ?? {
      entry,
      tasks: 0,
      firstUs: startUs,
      lastUs: endUs,
      cpuUs: 0,
      pids: new Set<number>(),
    };
    known.pids.add(pid);
    known.tasks = known.pids.size;
    known.firstUs = Math.min(known.firstUs, startUs);
    known.lastUs = Math.max(known.lastUs, endUs);
    known.cpuUs += Math.max(0, endUs - startUs);
    runs.set(entry, known);
  }
  return [...runs.values()];
}

/** Colours to go round: the last one is shared by all further entries. */
export const coloursMax = 7;

/** Entry → number of its colour; the entry with the longest tasks comes first and is strongest. */
export function entryColours(traces: readonly LabelledTrace[]): Map<string, number> {
  const longest = new Map<string, number>();
  for (const { trace } of traces) {
    for (const { entry, cpuUs, tasks } of entryRuns(trace)) {
      longest.set(entry, Math.max(longest.get(entry) ?? 0, cpuUs / tasks));
    }
  }
  const ranked = [...longest]
    .filter(([entry]) => entry !== otherEntry)
    .sort(([, a], [, b]) => b - a);
  return new Map(ranked.map(([entry], rank) => [entry, Math.min(rank, coloursMax)]));
}
