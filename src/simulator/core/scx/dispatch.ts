// From the policy to a CPU: finish_dispatch, flush_dispatch_buf, dispatch_to_local_dsq, consume_dispatch_q
// and the moves between DSQs (kernel/sched/ext/ext.c, 7.2).

import type { Cpu } from "../cpu.ts";
import { cpuMode } from "../cpu.ts";
import { type Dsq, dsqKind, dsqPush } from "../dsq.ts";
import { enq } from "../flags.ts";
import { reschedCurrent } from "../resched.ts";
import { opsState, type Task } from "../task.ts";
import {
  afterLocalInsert,
  countImmediate,
  dequeueTask,
  dispatchEnqueue,
  dsqForDispatch,
  enqueueTask,
  globalDsq,
  unlinkFromDsq,
} from "./enqueue.ts";
import { named, scxError } from "./exit.ts";
import type { Scx } from "./scx.ts";

/** flush_dispatch_buf. */
export function flushDispatchBuffer(scx: Scx, cpu: Cpu): void {
  for (let i = 0; i < scx.bufferLength; i++) {
    finishDispatch(
      scx,
      cpu,
      scx.bufferTask[i] as Task,
      scx.bufferSequence[i] as number,
      scx.bufferLow[i] as number,
      scx.bufferHigh[i] as number,
      scx.bufferFlags[i] as number,
      scx.bufferByVtime[i] === 1,
    );
  }
  scx.dispatched += scx.bufferLength;
  scx.bufferLength = 0;
}

/**
 * finish_dispatch: nothing happens where the task is no longer the policy's, or was enqueued anew since
 * it was put into the buffer. So a second dispatch of a task is silently ignored.
 */
function finishDispatch(
  scx: Scx,
  cpu: Cpu,
  task: Task,
  sequence: number,
  low: number,
  high: number,
  flags: number,
  byVtime: boolean,
): void {
  if (task.opsState !== opsState.queued || task.queueSequence !== sequence) return;
  task.opsState = opsState.dispatching;
  const dsq = dsqForDispatch(scx, cpu, low, high, task.cpu);
  if (dsq.kind === dsqKind.local) dispatchToLocal(scx, cpu, dsq, task, flags, byVtime);
  else dispatchEnqueue(scx, cpu, dsq, task, flags, byVtime);
}

/** dispatch_to_local_dsq. `cpu`: whose dispatch (or deferred work) this is. */
export function dispatchToLocal(
  scx: Scx,
  cpu: Cpu,
  dsq: Dsq,
  task: Task,
  flags: number,
  byVtime: boolean,
): void {
  const machine = scx.machine;
  const source = machine.cpu(task.cpu);
  const target = machine.cpu(dsq.cpu);
  if (cpu === source && cpu === target) {
    dispatchEnqueue(scx, cpu, dsq, task, flags, byVtime);
    return;
  }
  task.opsState = opsState.none;
  if (source === target) dispatchEnqueue(scx, target, dsq, task, flags, byVtime);
  else if (!canRunOnRemote(scx, task, target, true)) {
    dispatchEnqueue(scx, source, globalDsq(scx, task.cpu), task, flags, byVtime);
    return;
  } else moveRemoteToLocal(scx, task, flags, source, target);
  // The destination's current task is of a lower class: it is idle.
  if (target.mode === cpuMode.idle) reschedCurrent(machine, target);
}

/** task_can_run_on_remote_rq. */
export function canRunOnRemote(scx: Scx, task: Task, cpu: Cpu, enforce: boolean): boolean {
  if (task.allowed.bits[cpu.id] !== 1) {
    if (enforce) {
      scx.machine.observer.misplaced?.(scx.machine.now, task.id, cpu.id);
      scxError(scx, `SCX_DSQ_LOCAL[_ON] target CPU ${cpu.id} not allowed for ${named(task)}`);
    }
    return false;
  }
  return cpu.scxOnline;
}

/** move_remote_task_to_local_dsq: through deactivate and activate, so that its run queue changes. */
export function moveRemoteToLocal(
  scx: Scx,
  task: Task,
  flags: number,
  source: Cpu,
  target: Cpu,
): void {
  task.stickyCpu = target.id;
  dequeueTask(scx, source, task, 0, true);
  scx.machine.setTaskCpu(task, target.id);
  target.extraEnqFlags = flags;
  enqueueTask(scx, target, task, 0, true, false);
  target.extraEnqFlags = 0;
}

/** move_local_task_to_local_dsq: from a DSQ to the local DSQ of the CPU that the task belongs to. */
function moveLocalToLocal(scx: Scx, task: Task, flags: number, cpu: Cpu): void {
  const dsq = cpu.localDsq;
  dsqPush(dsq, task, (flags & (enq.head | enq.preempt)) !== 0);
  task.dsq = dsq;
  countImmediate(scx, cpu, dsq, task, flags);
  const observer = scx.machine.observer;
  if (observer.queued !== undefined) {
    observer.queued(scx.machine.now, task.id, dsq.low, dsq.high);
  }
  afterLocalInsert(scx, cpu, task, flags);
}

/** consume_dispatch_q: the first task that may run here, to the local DSQ. */
export function consume(scx: Scx, cpu: Cpu, dsq: Dsq, flags: number): boolean {
  for (let task = dsq.head; task !== null; task = task.dsqNext) {
    if (scx.aborting && dsq.kind !== dsqKind.bypass) return false;
    if (task.cpu === cpu.id) {
      unlinkFromDsq(scx, dsq, task);
      moveLocalToLocal(scx, task, flags, cpu);
      return true;
    }
    if (canRunOnRemote(scx, task, cpu, false)) {
      // unlink_dsq_and_lock_src_rq: nobody can take the task meanwhile, as time stands still.
      unlinkFromDsq(scx, dsq, task);
      moveRemoteToLocal(scx, task, flags, scx.machine.cpu(task.cpu), cpu);
      return true;
    }
  }
  return false;
}

/** consume_global_dsq. */
export function consumeGlobal(scx: Scx, cpu: Cpu): boolean {
  const dsq = globalDsq(scx, cpu.id);
  return dsq.head !== null && consume(scx, cpu, dsq, 0);
}

/** move_task_between_dsqs: for scx_bpf_dsq_move. */
export function moveBetweenDsqs(
  scx: Scx,
  task: Task,
  flags: number,
  source: Dsq,
  destination: Dsq,
  byVtime: boolean,
): void {
  const machine = scx.machine;
  const sourceCpu = machine.cpu(task.cpu);
  let target = destination;
  if (target.kind === dsqKind.local && target.cpu !== task.cpu) {
    const targetCpu = machine.cpu(target.cpu);
    if (canRunOnRemote(scx, task, targetCpu, true)) {
      unlinkFromDsq(scx, source, task);
      moveRemoteToLocal(scx, task, flags, sourceCpu, targetCpu);
      return;
    }
    target = globalDsq(scx, task.cpu);
  }
  unlinkFromDsq(scx, source, task);
  if (target.kind === dsqKind.local) moveLocalToLocal(scx, task, flags, sourceCpu);
  else dispatchEnqueue(scx, sourceCpu, target, task, flags, byVtime);
}
