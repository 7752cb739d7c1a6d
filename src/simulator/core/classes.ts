// The two scheduling classes behind one set of calls (struct sched_class): sched_ext, where a policy is
// loaded and the task belongs to it, else the model of the default scheduler.

import * as fair from "../baseline/fair.ts";
import type { Cpu } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import { dequeueTask, enqueueTask } from "./scx/enqueue.ts";
import { nextClass, preemptReason, putPreviousTask, setNextTask } from "./scx/pick.ts";
import type { Scx } from "./scx/scx.ts";
import { type Task, taskClass } from "./task.ts";

/** Only asked for tasks of the ext class: there is a policy then. */
export function policyOf(machine: Machine): Scx {
  return machine.scx as Scx;
}

/** enqueue_task. `restore`: put back after a change; `migrating`: on its way between CPUs. */
export function classEnqueue(
  machine: Machine,
  cpu: Cpu,
  task: Task,
  flags: number,
  migrating: boolean,
  restore: boolean,
): void {
  if (task.class === taskClass.ext) {
    enqueueTask(policyOf(machine), cpu, task, flags, migrating, restore);
  } else fair.enqueue(machine, cpu, task, flags, migrating, restore);
}

/** dequeue_task. */
export function classDequeue(
  machine: Machine,
  cpu: Cpu,
  task: Task,
  flags: number,
  migrating: boolean,
): void {
  if (task.class === taskClass.ext) {
    dequeueTask(policyOf(machine), cpu, task, flags, migrating);
  } else fair.dequeue(machine, cpu, task, flags);
}

/** put_prev_task. */
export function classPutPrevious(
  machine: Machine,
  cpu: Cpu,
  task: Task,
  next: number = nextClass.same,
  reason: number = preemptReason.unknown,
): void {
  if (task.class === taskClass.ext) {
    putPreviousTask(policyOf(machine), cpu, task, next, reason);
  } else fair.putPrevious(task);
}

/** set_next_task. */
export function classSetNext(machine: Machine, cpu: Cpu, task: Task): void {
  if (task.class === taskClass.ext) setNextTask(policyOf(machine), cpu, task);
  else fair.setNext(task);
}
