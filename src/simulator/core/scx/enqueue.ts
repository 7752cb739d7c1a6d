// Tasks on their way to the policy or to a DSQ, and out again: enqueue_task_scx, do_enqueue_task,
// direct_dispatch, dispatch_enqueue, dequeue_task_scx, ops_dequeue (kernel/sched/ext/ext.c, 7.2).

import type { Cpu } from "../cpu.ts";
import { cpuMode } from "../cpu.ts";
import {
  type Dsq,
  dsqBuiltinBit,
  dsqGlobalLow,
  dsqInsertByVtime,
  dsqKind,
  dsqLocalLow,
  dsqLocalOnBits,
  dsqPush,
  dsqRemove,
} from "../dsq.ts";
import { deq, enq } from "../flags.ts";
import { opsFlags } from "../policy-ops.ts";
import { reschedCurrent } from "../resched.ts";
import { opsState, scxFlag, type Task } from "../task.ts";
import { hex, hex16, scxError } from "./exit.ts";
import type { Scx } from "./scx.ts";

/** p->scx.flags, told to the policy's memory. */
export function setScxFlags(scx: Scx, task: Task, flags: number): void {
  task.scx = flags;
  if (scx.machine.visible !== null) scx.machine.visible.setScxFlags(task.id, flags);
}

/** enqueue_task_scx. `migrating`: task_on_rq_migrating. `restore`: ENQUEUE_RESTORE. */
export function enqueueTask(
  scx: Scx,
  cpu: Cpu,
  task: Task,
  coreFlags: number,
  migrating: boolean,
  restore: boolean,
): void {
  let sticky = task.stickyCpu;
  const flags = coreFlags | cpu.extraEnqFlags;
  // A running task that is being restored must not go through the policy: it runs on.
  if (restore && cpu.current === task) sticky = cpu.id;
  if ((task.scx & scxFlag.queued) === 0) {
    setTaskRunnable(scx, cpu, task);
    setScxFlags(scx, task, task.scx | scxFlag.queued);
    cpu.scxRunnable++;
    if (scx.has.runnable && !migrating) {
      scx.entering("runnable", task.id, scx.machine.thisCpu);
      const locked = lock(scx, cpu.id, task);
      scx.ops.runnable(task.id, flags);
      unlock(scx, locked);
    }
    doEnqueue(scx, cpu, task, flags, sticky);
    if (sticky >= 0) task.stickyCpu = -1;
  }
}

/** do_enqueue_task. */
export function doEnqueue(scx: Scx, cpu: Cpu, task: Task, flags: number, sticky: number): void {
  if (sticky === cpu.id) {
    dispatchEnqueue(scx, cpu, cpu.localDsq, task, flags, false);
    return;
  }
  task.scx &= ~scxFlag.immediate;
  if (!cpu.scxOnline) {
    enqueueAside(scx, cpu, cpu.localDsq, task, flags);
    return;
  }
  if (scx.bypassing) {
    enqueueAside(scx, cpu, scx.machine.cpu(task.cpu).bypassDsq, task, flags);
    return;
  }
  if (task.directSet) {
    directDispatch(scx, cpu, task, flags);
    return;
  }
  if (task.exiting && (scx.flags & opsFlags.enqExiting) === 0) {
    enqueueAside(scx, cpu, cpu.localDsq, task, flags);
    return;
  }
  if (!scx.has.enqueue) {
    enqueueAside(scx, cpu, globalDsq(scx, task.cpu), task, flags);
    return;
  }
  task.queueSequence = (task.queueSequence + 1) | 0;
  task.opsState = opsState.queueing;
  const observer = scx.machine.observer;
  scx.entering("enqueue", task.id, scx.machine.thisCpu);
  const locked = lock(scx, cpu.id, task);
  scx.directTask = task;
  scx.directSpoilt = false;
  scx.ops.enqueue(task.id, flags);
  scx.directTask = null;
  scx.directSpoilt = false;
  unlock(scx, locked);
  scx.closeCursors();
  if (task.directSet) {
    directDispatch(scx, cpu, task, flags);
    return;
  }
  task.scx |= scxFlag.inCustody;
  task.opsState = opsState.queued;
  if (observer.heldByPolicy !== undefined) observer.heldByPolicy(scx.machine.now, task.id);
}

/** The `enqueue:` label of do_enqueue_task: no policy asked, a default slice given. */
function enqueueAside(scx: Scx, cpu: Cpu, dsq: Dsq, task: Task, flags: number): void {
  scx.state.setSlice(task.id, scx.sliceDefaultNs);
  task.directSet = false;
  dispatchEnqueue(scx, cpu, dsq, task, flags, false);
}

/** direct_dispatch: to another CPU's local DSQ only once this run queue may be unlocked. */
function directDispatch(scx: Scx, cpu: Cpu, task: Task, flags: number): void {
  const dsq = dsqForDispatch(scx, cpu, task.directLow, task.directHigh, task.cpu);
  task.directFlags |= flags;
  if (dsq.kind === dsqKind.local && dsq.cpu !== cpu.id) {
    task.opsState = opsState.none;
    task.deferred = true;
    task.dsqNext = null;
    task.dsqPrevious = cpu.deferredTail;
    if (cpu.deferredTail === null) cpu.deferredHead = task;
    else cpu.deferredTail.dsqNext = task;
    cpu.deferredTail = task;
    return;
  }
  task.directSet = false;
  dispatchEnqueue(scx, cpu, dsq, task, task.directFlags, task.directByVtime);
}

/** find_dsq_for_dispatch. */
export function dsqForDispatch(
  scx: Scx,
  cpu: Cpu,
  low: number,
  high: number,
  taskCpu: number,
): Dsq {
  if (high >= dsqBuiltinBit) {
    if (high === dsqBuiltinBit && low === dsqLocalLow) return cpu.localDsq;
    if ((high & dsqLocalOnBits) >>> 0 === dsqLocalOnBits) {
      const target = low | 0;
      if (target >= 0 && target < scx.machine.cpus.length) return scx.machine.cpu(target).localDsq;
      scxError(scx, `invalid CPU ${target} in SCX_DSQ_LOCAL_ON dispatch verdict`);
      return globalDsq(scx, taskCpu);
    }
    if (high === dsqBuiltinBit && low === dsqGlobalLow) return globalDsq(scx, taskCpu);
  }
  const dsq = scx.userDsq(low, high);
  if (dsq !== undefined) return dsq;
  scxError(scx, `non-existent DSQ 0x${hex(low, high)}`);
  return globalDsq(scx, taskCpu);
}

/** find_global_dsq: one per NUMA node. */
export function globalDsq(scx: Scx, cpu: number): Dsq {
  return scx.globalDsqs[scx.machine.topology.nodeOf[cpu] as number] as Dsq;
}

/** dispatch_enqueue. `cpu`: whose run queue is locked; for a local DSQ, the DSQ's own. */
export function dispatchEnqueue(
  scx: Scx,
  cpu: Cpu,
  target: Dsq,
  task: Task,
  flags: number,
  wantsVtime: boolean,
): void {
  let dsq = target;
  let byVtime = wantsVtime;
  if (dsq.destroyed) {
    scxError(scx, "attempting to dispatch to a destroyed dsq");
    dsq = globalDsq(scx, task.cpu);
  }
  if (byVtime && dsq.kind !== dsqKind.user) {
    scxError(scx, "cannot use vtime ordering for built-in DSQs");
    byVtime = false;
  }
  if (byVtime) {
    if (dsq.root === null && dsq.head !== null) {
      scxError(scx, `DSQ ID 0x${hex16(dsq.low, dsq.high)} already had FIFO-enqueued tasks`);
    }
    task.keyLow = scx.state.vtimeLow(task.id);
    task.keyHigh = scx.state.vtimeHigh(task.id);
    dsqInsertByVtime(dsq, task);
  } else {
    if (dsq.root !== null) {
      scxError(scx, `DSQ ID 0x${hex16(dsq.low, dsq.high)} already had PRIQ-enqueued tasks`);
    }
    dsqPush(dsq, task, (flags & (enq.head | enq.preempt)) !== 0);
  }
  task.dsq = dsq;
  countImmediate(scx, cpu, dsq, task, flags);
  const observer = scx.machine.observer;
  if (observer.queued !== undefined) {
    observer.queued(scx.machine.now, task.id, dsq.low, dsq.high);
  }
  if (dsq.kind === dsqKind.local) afterLocalInsert(scx, cpu, task, flags);
  else if (dsq.kind === dsqKind.user) task.scx |= scxFlag.inCustody;
  else callDequeue(scx, cpu, task, 0);
  task.opsState = opsState.none;
}

/** dsq_inc_nr's part about SCX_ENQ_IMMED: who can't run at once goes back to the policy. */
export function countImmediate(scx: Scx, cpu: Cpu, dsq: Dsq, task: Task, flags: number): void {
  if (dsq.kind !== dsqKind.local) return;
  if ((flags & enq.immediate) !== 0) task.scx |= scxFlag.immediate;
  if ((task.scx & scxFlag.immediate) === 0) return;
  cpu.immediateTasks++;
  if (dsq.length > 1 || !isOpen(cpu, flags)) scheduleReenqueue(scx, cpu, false);
}

/** rq_is_open. */
export function isOpen(cpu: Cpu, flags: number): boolean {
  if (cpu.mode === cpuMode.realtime || (cpu.current !== null && cpu.current.class === 0)) {
    return false;
  }
  if (cpu.mode === cpuMode.idle && !cpu.needResched) return true;
  return cpu.inBalance || (flags & enq.preempt) !== 0;
}

/** schedule_dsq_reenq for a local DSQ: carried out by runDeferred. */
export function scheduleReenqueue(scx: Scx, cpu: Cpu, any: boolean): void {
  if (scx.bypassing) return;
  cpu.reenqueuePending = true;
  if (any) cpu.reenqueueAny = true;
}

/** local_dsq_post_enq. */
export function afterLocalInsert(scx: Scx, cpu: Cpu, task: Task, flags: number): void {
  callDequeue(scx, cpu, task, 0);
  // wakeup_preempt where the CPU is in a lower class: it is idle.
  if (cpu.mode === cpuMode.idle && !cpu.inBalance) reschedCurrent(scx.machine, cpu);
  if (cpu.inBalance) return;
  const current = cpu.current;
  if ((flags & enq.preempt) !== 0 && current !== null && current !== task && current.class === 1) {
    scx.state.setSlice(current.id, 0);
    reschedCurrent(scx.machine, cpu);
  }
}

/** call_task_dequeue: the task leaves the policy's custody, unless it only changes its CPU. */
export function callDequeue(scx: Scx, cpu: Cpu, task: Task, flags: number): void {
  if ((task.scx & scxFlag.inCustody) === 0 || task.stickyCpu >= 0) return;
  if (scx.has.dequeue) {
    scx.entering("dequeue", task.id, scx.machine.thisCpu);
    const locked = lock(scx, cpu.id, task);
    scx.ops.dequeue(task.id, flags);
    unlock(scx, locked);
  }
  task.scx &= ~scxFlag.inCustody;
}

/** ops_dequeue. */
export function opsDequeue(scx: Scx, cpu: Cpu, task: Task, flags: number): void {
  clearTaskRunnable(cpu, task);
  if (task.opsState === opsState.queued) task.opsState = opsState.none;
  callDequeue(scx, cpu, task, flags);
}

/** dequeue_task_scx. */
export function dequeueTask(
  scx: Scx,
  cpu: Cpu,
  task: Task,
  coreFlags: number,
  migrating: boolean,
): void {
  if ((task.scx & scxFlag.queued) === 0) return;
  const flags =
    (coreFlags & (deq.sleep | deq.coreSchedExec)) === 0 ? coreFlags | deq.schedChange : coreFlags;
  opsDequeue(scx, cpu, task, flags);
  if (scx.has.stopping && cpu.current === task) {
    scx.entering("stopping", task.id, scx.machine.thisCpu);
    const locked = lock(scx, cpu.id, task);
    scx.ops.stopping(task.id, false);
    unlock(scx, locked);
  }
  if (scx.has.quiescent && !migrating) {
    scx.entering("quiescent", task.id, scx.machine.thisCpu);
    const locked = lock(scx, cpu.id, task);
    scx.ops.quiescent(task.id, flags);
    unlock(scx, locked);
  }
  const slept = (flags & deq.sleep) !== 0 ? scxFlag.dequeuedForSleep : 0;
  setScxFlags(scx, task, (task.scx & ~(scxFlag.queued | scxFlag.dequeuedForSleep)) | slept);
  cpu.scxRunnable--;
  dispatchDequeue(scx, cpu, task);
  task.directSet = false;
}

/** dispatch_dequeue: off its DSQ, or off the list of direct dispatches to other CPUs. */
export function dispatchDequeue(scx: Scx, cpu: Cpu, task: Task): void {
  const dsq = task.dsq;
  if (dsq === null) {
    if (task.deferred) removeDeferred(cpu, task);
    return;
  }
  unlinkFromDsq(scx, dsq, task);
}

/** task_unlink_from_dsq, dsq_dec_nr. */
export function unlinkFromDsq(scx: Scx, dsq: Dsq, task: Task): void {
  dsqRemove(dsq, task);
  task.dsq = null;
  if ((task.scx & scxFlag.immediate) !== 0 && dsq.kind === dsqKind.local) {
    scx.machine.cpu(dsq.cpu).immediateTasks--;
  }
}

export function removeDeferred(cpu: Cpu, task: Task): void {
  if (task.dsqPrevious === null) cpu.deferredHead = task.dsqNext;
  else task.dsqPrevious.dsqNext = task.dsqNext;
  if (task.dsqNext === null) cpu.deferredTail = task.dsqPrevious;
  else task.dsqNext.dsqPrevious = task.dsqPrevious;
  task.dsqPrevious = null;
  task.dsqNext = null;
  task.deferred = false;
}

/** set_task_runnable: the watchdog's clock starts, unless it already runs. */
export function setTaskRunnable(scx: Scx, cpu: Cpu, task: Task): void {
  if ((task.scx & scxFlag.resetRunnableAt) !== 0) {
    task.runnableAtNs = scx.machine.now;
    task.scx &= ~scxFlag.resetRunnableAt;
    if (scx.machine.visible !== null) {
      scx.machine.visible.setRunnableAt(task.id, scx.jiffies(scx.machine.now));
    }
  }
  task.onRunnableList = true;
  task.runnableNext = null;
  task.runnablePrevious = cpu.runnableTail;
  if (cpu.runnableTail === null) cpu.runnableHead = task;
  else cpu.runnableTail.runnableNext = task;
  cpu.runnableTail = task;
}

/** clr_task_runnable. */
export function clearTaskRunnable(cpu: Cpu, task: Task): void {
  if (!task.onRunnableList) return;
  if (task.runnablePrevious === null) cpu.runnableHead = task.runnableNext;
  else task.runnablePrevious.runnableNext = task.runnableNext;
  if (task.runnableNext === null) cpu.runnableTail = task.runnablePrevious;
  else task.runnableNext.runnablePrevious = task.runnablePrevious;
  task.runnablePrevious = null;
  task.runnableNext = null;
  task.onRunnableList = false;
}

/** update_locked_rq and kf_tasks around an op; answers what to restore. */
export function lock(scx: Scx, cpu: number, task: Task | null): number {
  const before = scx.lockedCpu;
  scx.lockedCpu = cpu;
  scx.operatedTask = task;
  return before;
}

export function unlock(scx: Scx, before: number): void {
  scx.lockedCpu = before;
  scx.operatedTask = null;
}
