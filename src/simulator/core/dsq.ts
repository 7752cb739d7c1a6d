// A dispatch queue: FIFO list, or ordered by virtual time. As in the kernel (struct scx_dispatch_q) every
// task is on the list; a vtime queue keeps a search tree beside it that says where to insert. The tree is
// a treap on links inside the tasks: O(log n) to insert and to remove from anywhere, no allocation.

import { mix } from "./random.ts";
import type { Task } from "./task.ts";

/** High halves of the built-in ids (enum scx_dsq_id_flags). */
export const dsqBuiltinBit = 0x8000_0000;
export const dsqLocalOnBits = 0xc000_0000;
export const dsqGlobalLow = 1;
export const dsqLocalLow = 2;
export const dsqBypassLow = 3;

export const dsqKind = { user: 0, local: 1, global: 2, bypass: 3 } as const;

/** What bpf_iter_scx_dsq keeps: steps back when its task leaves the queue. */
export interface CursorPlace {
  task: Task | null;
  reverse: boolean;
  started: boolean;
}

export class Dsq {
  readonly kind: number;
  /** As observers see it: a local queue is SCX_DSQ_LOCAL_ON | cpu. */
  readonly low: number;
  readonly high: number;
  /** Whose local or bypass queue it is; -1. */
  readonly cpu: number;
  destroyed = false;
  head: Task | null = null;
  tail: Task | null = null;
  length = 0;
  /** Of the last insertion, 32 bits. */
  sequence = 0;
  root: Task | null = null;
  /** Iterators in progress; emptied when the callback that opened them ends. */
  cursors: CursorPlace[] = [];

  constructor(kind: number, low: number, high: number, cpu: number) {
    this.kind = kind;
    this.low = low;
    this.high = high;
    this.cpu = cpu;
  }
}

/** time_before64 of two keys: the sign of the 64-bit difference. */
export function vtimeBefore(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  return ((aHigh - bHigh - (aLow < bLow ? 1 : 0)) | 0) < 0;
}

/** Links at the end, or at the head (dispatch_enqueue without SCX_ENQ_DSQ_PRIQ). */
export function dsqPush(dsq: Dsq, task: Task, atHead: boolean): void {
  if (atHead) linkAfter(dsq, task, null);
  else linkAfter(dsq, task, dsq.tail);
  count(dsq, task);
}

/** Links by the task's key; after those of the same key (rb_add with scx_dsq_priq_less). */
export function dsqInsertByVtime(dsq: Dsq, task: Task): void {
  let up: Task | null = null;
  let below = dsq.root;
  let previous: Task | null = null;
  let wentLeft = false;
  while (below !== null) {
    up = below;
    wentLeft = vtimeBefore(task.keyLow, task.keyHigh, below.keyLow, below.keyHigh);
    if (wentLeft) below = below.treeLeft;
    else {
      previous = below;
      below = below.treeRight;
    }
  }
  task.onTree = true;
  task.treeLeft = null;
  task.treeRight = null;
  task.treeUp = up;
  task.treePriority = mix(task.id ^ Math.imul(dsq.sequence, 0x01000193));
  if (up === null) dsq.root = task;
  else if (wentLeft) up.treeLeft = task;
  else up.treeRight = task;
  while (task.treeUp !== null && task.treeUp.treePriority < task.treePriority) rotateUp(dsq, task);
  linkAfter(dsq, task, previous);
  count(dsq, task);
}

/** task_unlink_from_dsq. */
export function dsqRemove(dsq: Dsq, task: Task): void {
  for (const cursor of dsq.cursors) {
    if (cursor.task !== task) continue;
    cursor.task = cursor.reverse ? task.dsqNext : task.dsqPrevious;
    if (cursor.task === null) cursor.started = false;
  }
  if (task.onTree) treeRemove(dsq, task);
  if (task.dsqPrevious === null) dsq.head = task.dsqNext;
  else task.dsqPrevious.dsqNext = task.dsqNext;
  if (task.dsqNext === null) dsq.tail = task.dsqPrevious;
  else task.dsqNext.dsqPrevious = task.dsqPrevious;
  task.dsqPrevious = null;
  task.dsqNext = null;
  dsq.length--;
}

function count(dsq: Dsq, task: Task): void {
  dsq.length++;
  dsq.sequence = (dsq.sequence + 1) | 0;
  task.dsqSequence = dsq.sequence;
}

function linkAfter(dsq: Dsq, task: Task, previous: Task | null): void {
  const next = previous === null ? dsq.head : previous.dsqNext;
  task.dsqPrevious = previous;
  task.dsqNext = next;
  if (previous === null) dsq.head = task;
  else previous.dsqNext = task;
  if (next === null) dsq.tail = task;
  else next.dsqPrevious = task;
}

function treeRemove(dsq: Dsq, task: Task): void {
  for (;;) {
    const left = task.treeLeft;
    const right = task.treeRight;
    if (left === null || right === null) {
      replace(dsq, task, left ?? right);
      break;
    }
    rotateUp(dsq, left.treePriority > right.treePriority ? left : right);
  }
  task.treeLeft = null;
  task.treeRight = null;
  task.treeUp = null;
  task.onTree = false;
}

/** Puts `child` where `task` hangs. */
function replace(dsq: Dsq, task: Task, child: Task | null): void {
  const up = task.treeUp;
  if (up === null) dsq.root = child;
  else if (up.treeLeft === task) up.treeLeft = child;
  else up.treeRight = child;
  if (child !== null) child.treeUp = up;
}

function rotateUp(dsq: Dsq, task: Task): void {
  const up = task.treeUp as Task;
  replace(dsq, up, task);
  if (up.treeLeft === task) {
    up.treeLeft = task.treeRight;
    if (task.treeRight !== null) task.treeRight.treeUp = up;
    task.treeRight = up;
  } else {
    up.treeRight = task.treeLeft;
    if (task.treeLeft !== null) task.treeLeft.treeUp = up;
    task.treeLeft = up;
  }
  up.treeUp = task;
}
