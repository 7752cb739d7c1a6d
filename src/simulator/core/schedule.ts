// schedule(): what a CPU does next. Accounts the time that passed, picks by class (real-time, fair, ext,
// idle: __pick_next_task), switches (kernel/sched/core.c, 7.2), and pays the cost model.

import * as fair from "../baseline/fair.ts";
import { updateCurrent } from "./account.ts";
import { classDequeue, classPutPrevious, classSetNext } from "./classes.ts";
import { contextSwitchNs, reschedIpiNs, tickNs } from "./constants.ts";
import { type Cpu, cpuMode } from "./cpu.ts";
import { deq } from "./flags.ts";
import { buryTask } from "./lifecycle.ts";
import type { Machine } from "./machine.ts";
import { reschedAfter } from "./resched.ts";
import { runDeferred } from "./scx/deferred.ts";
import { updateIdle } from "./scx/idle.ts";
import { carryOutKicks } from "./scx/kick.ts";
import { nextClass, pickTask, preemptReason, switchClass } from "./scx/pick.ts";
import { type Task, taskClass, taskState } from "./task.ts";
import { migrationCostNs } from "./topology.ts";

/** When the present run step will be over: first what the task owes, then its work at this CPU's speed. */
export function armRunEnd(machine: Machine, cpu: Cpu, task: Task): void {
  const work =
    cpu.capacity === 1024 ? task.remainingNs : Math.ceil((task.remainingNs * 1024) / cpu.capacity);
  machine.queue.arm(cpu.runEndSlot, machine.now + task.debtNs + work);
}

export function schedule(machine: Machine, cpu: Cpu): void {
  machine.thisCpu = cpu.id;
  machine.queue.cancel(cpu.reschedSlot);
  updateCurrent(machine, cpu);
  const previous = cpu.current;
  if (previous !== null && previous.state !== taskState.runnable && previous.onRq) {
    previous.onRq = false;
    previous.voluntarySwitches++;
    classDequeue(machine, cpu, previous, deq.sleep, false);
  }
  const hog = cpu.hogUntilNs > machine.now && !cpu.serverActive;
  const next = hog ? null : pickNext(machine, cpu, previous);
  const mode = hog
    ? cpuMode.realtime
    : next !== null
      ? cpuMode.task
      : cpu.online
        ? cpuMode.idle
        : cpuMode.offline;
  if (next !== previous || mode !== cpu.mode) switchTo(machine, cpu, previous, next, mode);
  else if (mode === cpuMode.idle && machine.scx?.enabled) {
    updateIdle(machine.scx, cpu, true, false);
  }
  cpu.needResched = false;
  cpu.needReschedLazy = false;
  const scx = machine.scx;
  if (scx !== null) {
    runDeferred(scx, cpu);
    carryOutKicks(scx, cpu);
  }
  // Asked for meanwhile: an interrupt later, so that no CPU schedules for ever at one instant.
  if (cpu.needResched) reschedAfter(machine, cpu, reschedIpiNs);
}

/** __pick_next_task: fair before ext; sched_ext's dispatch runs before the previous task is put back. */
function pickNext(machine: Machine, cpu: Cpu, previous: Task | null): Task | null {
  const scx = machine.scx;
  const scxOn = scx?.enabled === true;
  if (cpu.fairRunnable > 0 || (!(scxOn && !scx.partial) && fair.newIdleBalance(machine, cpu))) {
    const task = fair.pick(cpu);
    if (task !== null) return task;
  }
  return scxOn ? pickTask(scx, cpu, previous) : null;
}

/** put_prev_set_next_task and context_switch. */
function switchTo(
  machine: Machine,
  cpu: Cpu,
  previous: Task | null,
  next: Task | null,
  mode: number,
): void {
  const { observer, now } = machine;
  const scx = machine.scx?.enabled === true ? machine.scx : null;
  if (previous !== null) putPrevious(machine, cpu, previous, next, mode);
  else if (cpu.mode === cpuMode.idle && scx !== null) updateIdle(scx, cpu, false, true);
  if (previous === null && scx !== null && mode === cpuMode.realtime) {
    switchClass(scx, cpu, preemptReason.realtime);
  }
  const wasBusy = cpu.mode === cpuMode.task;
  if (next !== null) {
    if (!wasBusy) observer.busy?.(now, cpu.id);
    setNext(machine, cpu, next);
  } else {
    cpu.current = null;
    cpu.mode = mode;
    machine.queue.cancel(cpu.tickSlot);
    if (mode === cpuMode.idle && scx !== null) updateIdle(scx, cpu, true, true);
    if (machine.visible !== null) machine.visible.setCurrent(cpu.id, -1, cpu.scxRunnable);
    if (mode !== cpuMode.offline) observer.idle?.(now, cpu.id, mode === cpuMode.realtime);
  }
  if (previous !== null && previous.state === taskState.dead) buryTask(machine, previous);
}

function putPrevious(
  machine: Machine,
  cpu: Cpu,
  task: Task,
  next: Task | null,
  mode: number,
): void {
  let other: number = nextClass.ext;
  let reason: number = preemptReason.unknown;
  if (mode === cpuMode.realtime) {
    other = nextClass.higher;
    reason = preemptReason.realtime;
  } else if (next === null) other = nextClass.lower;
  else if (next.class === taskClass.fair) other = nextClass.higher;
  classPutPrevious(machine, cpu, task, other, reason);
  leaveCpu(machine, cpu, task);
}

/** The part of switching out that is no class's: states, statistics, what watchers are told. */
export function leaveCpu(machine: Machine, cpu: Cpu, task: Task): void {
  const runnable = task.state === taskState.runnable;
  machine.queue.cancel(cpu.runEndSlot);
  task.onCpu = false;
  task.lastRanNs = machine.now;
  cpu.current = null;
  if (runnable) {
    task.involuntarySwitches++;
    task.waitingSinceNs = machine.now;
  }
  if (machine.visible !== null) {
    machine.visible.setPlace(task.id, task.cpu, false, runnable);
    machine.visible.setSwitches(task.id, task.voluntarySwitches, task.involuntarySwitches);
  }
  const observer = machine.observer;
  if (observer.stopped !== undefined) observer.stopped(machine.now, task.id, cpu.id, runnable);
}

function setNext(machine: Machine, cpu: Cpu, task: Task): void {
  const { now, queue } = machine;
  classSetNext(machine, cpu, task);
  cpu.current = task;
  cpu.mode = cpuMode.task;
  cpu.switches++;
  task.onCpu = true;
  task.runs++;
  task.debtNs += contextSwitchNs;
  cpu.switchedNs = now + contextSwitchNs;
  if (task.lastCpu !== cpu.id) {
    if (task.lastCpu >= 0) {
      task.migrations++;
      task.debtNs += migrationCostNs(machine.topology, task.lastCpu, cpu.id);
    }
    task.lastCpu = cpu.id;
  }
  if (task.waitingSinceNs >= 0) {
    const waited = now - task.waitingSinceNs;
    task.waitedNs += waited;
    if (waited > task.waitedMaxNs) task.waitedMaxNs = waited;
    task.waitingSinceNs = -1;
  }
  if (machine.visible !== null) {
    machine.visible.setPlace(task.id, cpu.id, true, true);
    machine.visible.setCurrent(cpu.id, task.id, cpu.scxRunnable);
  }
  armRunEnd(machine, cpu, task);
  if (!queue.armed(cpu.tickSlot)) queue.arm(cpu.tickSlot, (Math.floor(now / tickNs) + 1) * tickNs);
  const observer = machine.observer;
  if (observer.running !== undefined) observer.running(now, task.id, cpu.id);
}
