// A schedulable entity of the default scheduler: a task, or a cgroup's queue on one CPU (struct
// sched_entity of kernel/sched/fair.c, 7.2). Times are virtual ns where the name says so.

import type { Task } from "../core/task.ts";
import type { FairQueue } from "./fair-queue.ts";

/** normalized_sysctl_sched_base_slice. */
const baseSliceNormalisedNs = 700_000;

/** sysctl_sched_base_slice: scaled by 1 + log2 of the CPUs, at most 8 (get_update_sysctl_factor). */
export function baseSliceNs(cpus: number): number {
  return baseSliceNormalisedNs * (1 + Math.floor(Math.log2(Math.min(cpus, 8))));
}

export class FairEntity {
  /** Null for a group's. */
  readonly task: Task | null;
  /** The queue that it stands for, where it is a group's; null for a task. */
  readonly owned: FairQueue | null;
  /** The queue in which it competes. */
  queue: FairQueue;
  weight: number;
  vruntime = 0;
  deadline = 0;
  /** V − v at the last dequeue, clamped. */
  vlag = 0;
  /** V when it went to sleep: a negative lag has worn off by as much as V has advanced since. */
  sleptAtV = 0;
  sleeping = false;
  /** Up to this virtual time a running entity keeps the CPU (RUN_TO_PARITY). */
  vprot = 0;
  onRq = false;
  /** Its deadline is relative, for a change or a move between queues (PLACE_REL_DEADLINE). */
  relativeDeadline = false;
  /** SCHED_IDLE, or a group of only such. */
  idle = false;

  // Links of the queue's tree, and the least vruntime below.
  left: FairEntity | null = null;
  right: FairEntity | null = null;
  up: FairEntity | null = null;
  priority = 0;
  minVruntime = 0;

  constructor(task: Task | null, owned: FairQueue | null, queue: FairQueue, weight: number) {
    this.task = task;
    this.owned = owned;
    this.queue = queue;
    this.weight = weight;
  }
}

/** calc_delta_fair: real ns as virtual ns of an entity. */
export function virtualNs(ns: number, weight: number): number {
  return weight === 1024 ? ns : Math.floor((ns * 1024) / weight);
}
