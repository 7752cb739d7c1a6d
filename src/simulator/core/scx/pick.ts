// The scheduling class's turn on a CPU: balance_one and scx_dispatch_sched (whom to run next, asking the
// policy), do_pick_task_scx, set_next_task_scx, put_prev_task_scx, switch_class, task_tick_scx,
// yield_task_scx (kernel/sched/ext/ext.c, 7.2).

import { dispatchLoopsMax } from "../constants.ts";
import type { Cpu } from "../cpu.ts";
import { deq, enq } from "../flags.ts";
import { opsFlags } from "../policy-ops.ts";
import { reschedCurrent } from "../resched.ts";
import { scxFlag, type Task, taskClass } from "../task.ts";
import { consume, consumeGlobal, flushDispatchBuffer } from "./dispatch.ts";
import {
  clearTaskRunnable,
  dispatchDequeue,
  dispatchEnqueue,
  doEnqueue,
  lock,
  opsDequeue,
  scheduleReenqueue,
  setTaskRunnable,
  unlock,
} from "./enqueue.ts";
import { requestKick } from "./kick.ts";
import type { Scx } from "./scx.ts";

/** enum scx_dsp_verdict. */
const verdict = { none: 0, local: 1, previous: 2 } as const;

/** SCX_CPU_PREEMPT_*. */
export const preemptReason = { realtime: 0, deadline: 1, stop: 2, unknown: 3 } as const;

/** do_pick_task_scx; `previous` is the CPU's current task, of whatever class. */
export function pickTask(scx: Scx, cpu: Cpu, previous: Task | null): Task | null {
  const decision = balance(scx, cpu, previous);
  let task: Task | null;
  if (decision === verdict.previous && previous !== null) task = previous;
  else task = cpu.localDsq.head;
  if (task === null) return null;
  if (scx.state.slice(task.id) === 0) scx.state.setSlice(task.id, scx.sliceDefaultNs);
  return task;
}

/** balance_one. */
function balance(scx: Scx, cpu: Cpu, previous: Task | null): number {
  cpu.inBalance = true;
  if (cpu.released) {
    // The policy has the CPU again after a higher class had it.
    if (scx.has.cpu_acquire) {
      scx.entering("cpu_acquire", -1, cpu.id);
      const locked = lock(scx, cpu.id, null);
      scx.ops.cpuAcquire(cpu.id);
      unlock(scx, locked);
    }
    cpu.released = false;
  }
  const decision = decide(scx, cpu, previous);
  if (decision !== verdict.none && cpu.localDsq.length > 1 && cpu.immediateTasks > 0) {
    scheduleReenqueue(scx, cpu, false);
  }
  cpu.inBalance = false;
  return decision;
}

function decide(scx: Scx, cpu: Cpu, previous: Task | null): number {
  const queued =
    previous !== null && previous.class === taskClass.ext && (previous.scx & scxFlag.queued) !== 0;
  // A runnable task with slice left goes on, ahead of everything.
  if (queued && !scx.bypassing && scx.state.slice((previous as Task).id) > 0) {
    return verdict.previous;
  }
  if (cpu.localDsq.length > 0) return verdict.local;
  const dispatched = dispatch(scx, cpu, previous, queued);
  if (dispatched !== verdict.none) return dispatched;
  // Nothing else to run: the last one goes on, unless the policy wants to hear of it.
  if (queued && ((scx.flags & opsFlags.enqLast) === 0 || scx.bypassing)) return verdict.previous;
  return verdict.none;
}

/** scx_dispatch_sched. */
function dispatch(scx: Scx, cpu: Cpu, previous: Task | null, queued: boolean): number {
  if (consumeGlobal(scx, cpu)) return verdict.local;
  if (scx.bypassing) {
    return consume(scx, cpu, cpu.bypassDsq, 0) ? verdict.local : verdict.none;
  }
  if (!scx.has.dispatch || !cpu.scxOnline) return verdict.none;
  const previousOnScx = previous !== null && previous.class === taskClass.ext ? previous.id : -1;
  scx.dispatchCpu = cpu;
  let result: number = verdict.none;
  let loops = dispatchLoopsMax;
  do {
    scx.dispatched = 0;
    scx.machine.dispatchRounds++;
    scx.entering("dispatch", previousOnScx, cpu.id);
    const locked = lock(scx, cpu.id, null);
    scx.ops.dispatch(cpu.id, previousOnScx);
    unlock(scx, locked);
    scx.closeCursors();
    flushDispatchBuffer(scx, cpu);
    if (queued && scx.state.slice((previous as Task).id) > 0) result = verdict.previous;
    else if (cpu.localDsq.length > 0 || consumeGlobal(scx, cpu)) result = verdict.local;
    else if (--loops === 0) {
      // The policy dispatches what may not run here, again and again: let time pass.
      requestKick(scx, cpu.id, 0);
      break;
    }
  } while (result === verdict.none && scx.dispatched > 0);
  scx.dispatchCpu = null;
  return result;
}

/** set_next_task_scx. */
export function setNextTask(scx: Scx, cpu: Cpu, task: Task): void {
  const queued = (task.scx & scxFlag.queued) !== 0;
  if (queued) {
    opsDequeue(scx, cpu, task, deq.coreSchedExec);
    dispatchDequeue(scx, cpu, task);
  }
  if (scx.has.running && queued) {
    scx.entering("running", task.id, cpu.id);
    const locked = lock(scx, cpu.id, task);
    scx.ops.running(task.id);
    unlock(scx, locked);
  }
  clearTaskRunnable(cpu, task);
  task.scx |= scxFlag.resetRunnableAt;
}

/** Of the task that comes next: its class against sched_ext's. */
export const nextClass = { higher: 0, ext: 1, lower: 2, same: 3 } as const;

/** put_prev_task_scx. */
export function putPreviousTask(
  scx: Scx,
  cpu: Cpu,
  task: Task,
  next: number,
  reason: number,
): void {
  if ((task.scx & scxFlag.queued) !== 0) {
    if (scx.has.stopping) {
      scx.entering("stopping", task.id, cpu.id);
      const locked = lock(scx, cpu.id, task);
      scx.ops.stopping(task.id, true);
      unlock(scx, locked);
    }
    setTaskRunnable(scx, cpu, task);
    if (scx.state.slice(task.id) > 0 && !scx.bypassing) {
      // Preempted by a higher class: first in line on this CPU.
      if ((task.scx & scxFlag.immediate) !== 0) doEnqueue(scx, cpu, task, enq.reenqueued, -1);
      else dispatchEnqueue(scx, cpu, cpu.localDsq, task, enq.head, false);
    } else doEnqueue(scx, cpu, task, next === nextClass.lower ? enq.last : 0, -1);
  }
  if (next === nextClass.higher) switchClass(scx, cpu, reason);
}

/** switch_class: once, when a higher class takes the CPU. */
export function switchClass(scx: Scx, cpu: Cpu, reason: number): void {
  if (!scx.has.cpu_acquire && !scx.has.cpu_release) return;
  if (cpu.released) return;
  if (scx.has.cpu_release) {
    scx.entering("cpu_release", -1, cpu.id);
    const locked = lock(scx, cpu.id, null);
    scx.inCpuRelease = true;
    scx.ops.cpuRelease(cpu.id, reason);
    scx.inCpuRelease = false;
    unlock(scx, locked);
  }
  cpu.released = true;
}

/** task_tick_scx. */
export function tick(scx: Scx, cpu: Cpu, task: Task): void {
  if (scx.bypassing) scx.state.setSlice(task.id, 0);
  else if (scx.has.tick) {
    scx.entering("tick", task.id, cpu.id);
    const locked = lock(scx, cpu.id, task);
    scx.ops.tick(task.id);
    unlock(scx, locked);
  }
  if (scx.state.slice(task.id) === 0) reschedCurrent(scx.machine, cpu);
}

/** yield_task_scx. */
export function yieldTask(scx: Scx, cpu: Cpu, task: Task): void {
  if (!scx.has.yield) {
    scx.state.setSlice(task.id, 0);
    return;
  }
  scx.entering("yield", task.id, cpu.id);
  const locked = lock(scx, cpu.id, task);
  scx.ops.yield(task.id, -1);
  unlock(scx, locked);
}
