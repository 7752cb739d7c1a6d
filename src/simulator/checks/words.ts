// How findings speak of times and tasks. Names come from workloads and policies: they are bounded and
// stripped of all that could move a cursor or end a line.

import type { TaskRecord } from "./ledger.ts";

const nameCharsMax = 32;

/** Printable ASCII alone, cut to a bound. */
export function safeText(text: string, charsMax: number = nameCharsMax): string {
  const printable = text.replace(/[^\x20-\x7e]/g, "?");
  return printable.length <= charsMax ? printable : `${printable.slice(0, charsMax - 1)}~`;
}

/** As `hog-1[4]` with its weight, and the entry where that has another name. */
export function taskWords(task: TaskRecord): string {
  const comm = safeText(task.comm);
  const entry = safeText(task.entry);
  const of = entry === "" || comm === entry ? "" : `, of ${entry}`;
  return `${comm}[${task.pid}] (weight ${task.weight}${of})`;
}

export function duration(ns: number): string {
  if (ns >= 1e9) return `${trim(ns / 1e9)} s`;
  if (ns >= 1e6) return `${trim(ns / 1e6)} ms`;
  return `${trim(ns / 1e3)} us`;
}

export function percent(share: number): string {
  return `${trim(share * 100)} %`;
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Where a waiting task lies. */
export function placeWords(task: TaskRecord, held: boolean): string {
  if (held) return "in none of the kernel's queues: the policy itself holds it";
  const { dsqHigh, dsqLow } = task;
  if (dsqHigh >>> 0 === 0xc0000000) return `in the local queue of CPU ${dsqLow >>> 0}`;
  if (dsqHigh >>> 0 === 0x80000000) {
    return dsqLow === 2 ? "in a local queue" : "in the global queue";
  }
  const id = (BigInt(dsqHigh >>> 0) << 32n) | BigInt(dsqLow >>> 0);
  return `in DSQ 0x${id.toString(16)}`;
}
