// What an op asked for but could not be done under its run queue's lock: run_deferred
// (process_ddsp_deferred_locals, process_deferred_reenq_locals, reenq_local of kernel/sched/ext/ext.c).

import { reenqueueRepeatMax } from "../constants.ts";
import type { Cpu } from "../cpu.ts";
import { enq } from "../flags.ts";
import { scxFlag, type Task } from "../task.ts";
import { dispatchToLocal } from "./dispatch.ts";
import { dispatchDequeue, doEnqueue, dsqForDispatch, isOpen, removeDeferred } from "./enqueue.ts";
import { scxError } from "./exit.ts";
import type { Scx } from "./scx.ts";

export function runDeferred(scx: Scx, cpu: Cpu): void {
  if (cpu.deferredHead !== null) dispatchDeferred(scx, cpu);
  if (cpu.reenqueuePending) reenqueuePending(scx, cpu);
}

function dispatchDeferred(scx: Scx, cpu: Cpu): void {
  for (let task = cpu.deferredHead; task !== null; task = cpu.deferredHead) {
    removeDeferred(cpu, task);
    task.directSet = false;
    const dsq = dsqForDispatch(scx, cpu, task.directLow, task.directHigh, task.cpu);
    dispatchToLocal(scx, cpu, dsq, task, task.directFlags, task.directByVtime);
  }
}

function reenqueuePending(scx: Scx, cpu: Cpu): void {
  for (let repeats = 1; cpu.reenqueuePending; repeats++) {
    const any = cpu.reenqueueAny;
    cpu.reenqueuePending = false;
    cpu.reenqueueAny = false;
    if (repeats > reenqueueRepeatMax) {
      scxError(scx, `SCX_ENQ_REENQ on SCX_DSQ_LOCAL repeated ${repeats - 1} times`);
      return;
    }
    reenqueueLocal(scx, cpu, any);
  }
}

/**
 * reenq_local: all tasks of the local DSQ, or those inserted with SCX_ENQ_IMMED that can't run at once.
 * They come off first, so that a task which the policy puts back is not met again.
 */
export function reenqueueLocal(scx: Scx, cpu: Cpu, any: boolean): number {
  const open = isOpen(cpu, 0);
  const candidates: Task[] = [];
  let first = true;
  for (let task = cpu.localDsq.head; task !== null; task = task.dsqNext) {
    const late = (task.scx & scxFlag.immediate) !== 0 && (!first || !open);
    first = false;
    if (late || any) candidates.push(task);
  }
  for (const task of candidates) dispatchDequeue(scx, cpu, task);
  for (const task of candidates) doEnqueue(scx, cpu, task, enq.reenqueued, -1);
  return candidates.length;
}
