// A task's life under a policy: __scx_init_task, __scx_enable_task, scx_disable_task,
// scx_disable_and_exit_task (kernel/sched/ext/ext.c, 7.2).

import { scxFlag, scxState, type Task } from "../task.ts";
import { lock, setScxFlags, unlock } from "./enqueue.ts";
import { sanitizeErrno } from "./exit.ts";
import type { Scx } from "./scx.ts";

function setState(scx: Scx, task: Task, state: number): void {
  setScxFlags(scx, task, (task.scx & ~scxFlag.stateMask) | state);
}

/** __scx_init_task: 0, or the errno with which the fork or the enabling fails. Ends in state READY. */
export function initTask(scx: Scx, task: Task, fork: boolean): number {
  if (scx.has.init_task) {
    scx.entering("init_task", task.id, scx.machine.thisCpu);
    const locked = lock(scx, -1, null);
    const result = scx.ops.initTask(task.id, fork);
    unlock(scx, locked);
    if (result !== 0) return sanitizeErrno(scx, "init_task", result);
  }
  task.scx |= scxFlag.resetRunnableAt;
  setState(scx, task, scxState.ready);
  return 0;
}

/** scx_enable_task: the weight is set before ops.enable and told once more by ops.set_weight. */
export function enableTask(scx: Scx, task: Task): void {
  scx.machine.visible?.setNice(task.id, task.nice, task.weight);
  const locked = lock(scx, task.cpu, task);
  if (scx.has.enable) {
    scx.entering("enable", task.id, scx.machine.thisCpu);
    scx.ops.enable(task.id);
  }
  if (scx.has.set_weight) {
    scx.entering("set_weight", task.id, scx.machine.thisCpu);
    scx.ops.setWeight(task.id, task.weight);
  }
  unlock(scx, locked);
  setState(scx, task, scxState.enabled);
}

/** scx_disable_task. */
export function disableTask(scx: Scx, task: Task): void {
  task.directSet = false;
  if (scx.has.disable) {
    scx.entering("disable", task.id, scx.machine.thisCpu);
    const locked = lock(scx, task.cpu, task);
    scx.ops.disable(task.id);
    unlock(scx, locked);
  }
  setState(scx, task, scxState.ready);
  scx.state.setVtime(task.id, 0, 0);
  scx.state.setSlice(task.id, 0);
}

/** scx_disable_and_exit_task. */
export function exitTask(scx: Scx, task: Task): void {
  const state = task.scx & scxFlag.stateMask;
  if (state === scxState.none) return;
  if (state === scxState.enabled) disableTask(scx, task);
  if (scx.has.exit_task) {
    scx.entering("exit_task", task.id, scx.machine.thisCpu);
    const locked = lock(scx, task.cpu, task);
    scx.ops.exitTask(task.id, state === scxState.init);
    unlock(scx, locked);
  }
  setState(scx, task, scxState.none);
}
