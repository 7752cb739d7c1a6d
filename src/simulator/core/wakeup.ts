// Tasks that come to want a CPU: try_to_wake_up, wake_up_new_task, select_task_rq, select_fallback_rq,
// wakeup_preempt (kernel/sched/core.c, 7.2).

import * as fair from "../baseline/fair.ts";
import { setAffinity } from "./change.ts";
import { classEnqueue } from "./classes.ts";
import { type Cpu, cpuMode } from "./cpu.ts";
import { enq, wake } from "./flags.ts";
import type { Machine } from "./machine.ts";
import { reschedCurrent } from "./resched.ts";
import { runDeferred } from "./scx/deferred.ts";
import { carryOutKicks } from "./scx/kick.ts";
import { selectTaskCpu } from "./scx/select.ts";
import { type Task, taskClass, taskState } from "./task.ts";

/** try_to_wake_up. `waker`: -1 where a timer or nobody woke it. */
export function wakeTask(machine: Machine, task: Task, sync: boolean, waker: number): void {
  if (task.state !== taskState.sleeping) return;
  task.state = taskState.runnable;
  place(machine, task, wake.ttwu | (sync ? wake.sync : 0), enq.wakeup, waker);
}

/** wake_up_new_task. */
export function wakeNewTask(machine: Machine, task: Task, waker: number): void {
  task.state = taskState.runnable;
  place(machine, task, wake.fork, 0, waker);
}

/** From select_task_rq to task_woken. */
function place(
  machine: Machine,
  task: Task,
  wakeFlags: number,
  enqueueFlags: number,
  waker: number,
): void {
  const previousCpu = task.cpu;
  const selected = selectTaskRq(machine, task, wakeFlags);
  const cpu = machine.cpu(selected.cpu);
  if (cpu.id !== previousCpu) machine.setTaskCpu(task, cpu.id);
  task.waitingSinceNs = machine.now;
  machine.observer.woken?.(machine.now, task.id, cpu.id, waker);
  const asked = selected.byClass && enqueueFlags !== 0 ? enq.cpuSelected : 0;
  activate(machine, cpu, task, enqueueFlags | asked, false);
  wakeupPreempt(machine, cpu, task, wakeFlags);
  const scx = machine.scx;
  if (scx !== null) {
    runDeferred(scx, cpu);
    carryOutKicks(scx, machine.cpu(machine.thisCpu));
  }
}

const selection = { cpu: 0, byClass: false };

/** select_task_rq: the class is asked only where there is a choice. */
function selectTaskRq(machine: Machine, task: Task, wakeFlags: number): typeof selection {
  selection.byClass = task.allowed.count > 1;
  let cpu: number;
  if (!selection.byClass) cpu = task.allowed.list[0] as number;
  else if (task.class === taskClass.ext && machine.scx !== null) {
    cpu = selectTaskCpu(machine.scx, task, task.cpu, wakeFlags);
  } else cpu = fair.selectCpu(machine, task, task.cpu, wakeFlags);
  const allowed = task.allowed.bits[cpu] === 1 && machine.cpu(cpu).online;
  selection.cpu = allowed ? cpu : selectFallback(machine, task);
  return selection;
}

/**
 * select_fallback_rq: an allowed CPU that is online, of the task's node where possible; where there is
 * none, the affinity is dropped (cpuset_cpus_allowed_fallback).
 */
export function selectFallback(machine: Machine, task: Task): number {
  const { nodeOf } = machine.topology;
  let any = -1;
  for (const cpu of task.allowed.list) {
    if (!machine.cpu(cpu).online) continue;
    if (nodeOf[cpu] === nodeOf[task.cpu]) return cpu;
    if (any < 0) any = cpu;
  }
  if (any >= 0) return any;
  setAffinity(machine, task, machine.everyCpu, false);
  const online = machine.cpus.find((cpu) => cpu.online);
  return online === undefined ? 0 : online.id;
}

/** activate_task. */
export function activate(
  machine: Machine,
  cpu: Cpu,
  task: Task,
  flags: number,
  migrating: boolean,
): void {
  task.onRq = true;
  if (machine.visible !== null) machine.visible.setPlace(task.id, cpu.id, task.onCpu, true);
  classEnqueue(machine, cpu, task, flags, migrating, false);
}

/** wakeup_preempt: a higher class preempts; sched_ext never preempts its own. */
export function wakeupPreempt(machine: Machine, cpu: Cpu, task: Task, wakeFlags: number): void {
  if (cpu.mode === cpuMode.idle) reschedCurrent(machine, cpu);
  else if (task.class === taskClass.fair && cpu.current !== null) {
    if (cpu.current.class === taskClass.fair) fair.wakeupPreempt(machine, cpu, task, wakeFlags);
    else reschedCurrent(machine, cpu);
  }
}
