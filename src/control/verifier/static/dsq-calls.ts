// The names of sched_ext's kfuncs that put tasks into DSQs and take them out, and where each has its
// arguments (kernel/sched/ext/ext.c). Names from before 6.13 are the same functions.

import type { CallFact } from "./facts.ts";
import { anything, type Value } from "./value.ts";

const inserts = new Set(["scx_bpf_dsq_insert", "scx_bpf_dispatch"]);
const vtimeInserts = new Set(["scx_bpf_dsq_insert_vtime", "scx_bpf_dispatch_vtime"]);
const packedInserts = new Set(["__scx_bpf_dsq_insert_vtime"]);
const moves = new Set([
  "scx_bpf_dsq_move",
  "scx_bpf_dispatch_from_dsq",
  "__scx_bpf_dispatch_from_dsq",
]);
const vtimeMoves = new Set([
  ...["scx_bpf_dsq_move_vtime", "scx_bpf_dispatch_vtime_from_dsq"],
  "__scx_bpf_dispatch_vtime_from_dsq",
]);
const toLocal = new Set(["scx_bpf_dsq_move_to_local", "scx_bpf_consume"]);

export function isInsert(name: string): boolean {
  return inserts.has(name) || vtimeInserts.has(name) || packedInserts.has(name);
}
export function isMove(name: string): boolean {
  return moves.has(name) || vtimeMoves.has(name);
}
export function isMoveToLocal(name: string): boolean {
  return toLocal.has(name);
}

export interface Insertion {
  readonly task: Value;
  readonly dsq: Value;
  readonly slice: Value;
  /** Null: first in, first out. */
  readonly vtime: Value | null;
  readonly flags: Value;
}

/** Of a call of the insert family. */
export function insertionOf({ name, args, words }: CallFact): Insertion {
  const arg = (index: number): Value => args[index] ?? anything;
  const word = (index: number): Value => words[1]?.[index] ?? anything;
  if (packedInserts.has(name))
    return { task: arg(0), dsq: word(0), slice: word(1), vtime: word(2), flags: word(3) };
  const [task, dsq, slice] = [arg(0), arg(1), arg(2)];
  if (vtimeInserts.has(name)) return { task, dsq, slice, vtime: arg(3), flags: arg(4) };
  return { task, dsq, slice, vtime: null, flags: arg(3) };
}

export interface Move {
  /** The DSQ that the iterator goes over. */
  readonly from: Value;
  readonly to: Value;
  readonly byVtime: boolean;
}

export function moveOf({ name, args, words }: CallFact): Move {
  return {
    from: words[0]?.[0] ?? anything,
    to: args[2] ?? anything,
    byVtime: vtimeMoves.has(name),
  };
}
