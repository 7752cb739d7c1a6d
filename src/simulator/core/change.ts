// Changes of a task while it lives: affinity, nice, cgroup, class. Each takes the task out of its class's
// hands and puts it back around the change (sched_change_begin and _end of kernel/sched/core.c, 7.2).

import * as fair from "../baseline/fair.ts";
import { updateCurrent } from "./account.ts";
import { classDequeue, classEnqueue, classPutPrevious, classSetNext, policyOf } from "./classes.ts";
import { cpuMode } from "./cpu.ts";
import type { CpuSet } from "./cpu-set.ts";
import type { Machine } from "./machine.ts";
import { reschedCurrent } from "./resched.ts";
import { leaveCpu, schedule } from "./schedule.ts";
import { lock, unlock } from "./scx/enqueue.ts";
import { sanitizeErrno } from "./scx/exit.ts";
import { nextClass, preemptReason } from "./scx/pick.ts";
import { scxFlag, scxState, type Task, taskClass, taskState } from "./task.ts";
import { activate, selectFallback, wakeupPreempt } from "./wakeup.ts";
import { loadWeight, weightToCgroup } from "./weights.ts";

/** The guard `sched_change` around `apply`. */
export function changeTask(machine: Machine, task: Task, apply: () => void): void {
  const cpu = machine.cpu(task.cpu);
  const running = cpu.current === task;
  const queued = task.onRq;
  if (running) updateCurrent(machine, cpu);
  if (queued) classDequeue(machine, cpu, task, 0, false);
  if (running) classPutPrevious(machine, cpu, task);
  apply();
  if (queued) classEnqueue(machine, cpu, task, 0, false, true);
  if (running) classSetNext(machine, cpu, task);
}

/**
 * sched_setaffinity; `move`: off a CPU that is no longer allowed, now (affine_move_task). Nothing where the
 * mask is the same (__set_cpus_allowed_ptr_locked).
 */
export function setAffinity(machine: Machine, task: Task, cpus: CpuSet, move = true): void {
  if (cpus.count === 0 || task.state === taskState.dead) return;
  if (sameCpus(cpus, task.allowed)) return;
  changeTask(machine, task, () => {
    task.allowed = cpus;
    machine.visible?.setAffinity(task.id, cpus.list);
    machine.observer.affinityChanged?.(machine.now, task.id, cpus.list);
    // set_cpus_allowed_scx.
    const scx = machine.scx;
    if (task.class === taskClass.ext && scx?.has.set_cpumask) {
      scx.entering("set_cpumask", task.id, machine.thisCpu);
      const locked = lock(scx, task.cpu, task);
      scx.ops.setCpumask(task.id);
      unlock(scx, locked);
    }
  });
  if (move && cpus.bits[task.cpu] !== 1 && task.onRq) moveAway(machine, task);
}

function sameCpus(a: CpuSet, b: CpuSet): boolean {
  return a.count === b.count && a.list.every((cpu) => b.bits[cpu] === 1);
}

/** migration_cpu_stop: preempts a running task, then move_queued_task to a CPU that is allowed. */
export function moveAway(machine: Machine, task: Task): void {
  const cpu = machine.cpu(task.cpu);
  const running = cpu.current === task;
  if (running) {
    updateCurrent(machine, cpu);
    classPutPrevious(machine, cpu, task, nextClass.higher, preemptReason.stop);
    leaveCpu(machine, cpu, task);
    // The stopper has the CPU: no task, and not idle.
    cpu.mode = cpuMode.realtime;
  }
  moveQueued(machine, task, selectFallback(machine, task));
  if (!running) return;
  if (cpu.id === machine.thisCpu) cpu.needResched = true;
  else {
    const here = machine.thisCpu;
    schedule(machine, cpu);
    machine.thisCpu = here;
  }
}

/** move_queued_task: the policy sees a dequeue and an enqueue, but neither quiescent nor runnable. */
export function moveQueued(machine: Machine, task: Task, target: number): void {
  if (target === task.cpu) return;
  classDequeue(machine, machine.cpu(task.cpu), task, 0, true);
  machine.setTaskCpu(task, target);
  const cpu = machine.cpu(target);
  activate(machine, cpu, task, 0, true);
  wakeupPreempt(machine, cpu, task, 0);
}

/** set_user_nice: set_load_weight, reweight_task; nothing where it is the same. */
export function setNice(machine: Machine, task: Task, nice: number): void {
  if (task.state === taskState.dead || task.nice === nice) return;
  changeTask(machine, task, () => {
    task.nice = nice;
    task.loadWeight = loadWeight(nice, task.policy);
    task.weight = weightToCgroup(task.loadWeight);
    machine.visible?.setNice(task.id, nice, task.weight);
    machine.observer.weightChanged?.(machine.now, task.id, task.weight);
    if (task.class === taskClass.fair) {
      fair.reweight(task);
      return;
    }
    const scx = policyOf(machine);
    if (scx.has.set_weight && (task.scx & scxFlag.stateMask) === scxState.enabled) {
      scx.entering("set_weight", task.id, machine.thisCpu);
      const locked = lock(scx, task.cpu, task);
      scx.ops.setWeight(task.id, task.weight);
      unlock(scx, locked);
    }
  });
}

/** cgroup_attach of one task: scx_cgroup_can_attach, sched_move_task, scx_cgroup_move_task. */
export function setCgroup(machine: Machine, task: Task, cgroup: number): void {
  const from = task.cgroup;
  if (from === cgroup || task.state === taskState.dead) return;
  const scx = machine.scx?.enabled === true ? machine.scx : null;
  if (scx?.has.cgroup_prep_move) {
    scx.entering("cgroup_prep_move", task.id, machine.thisCpu);
    const locked = lock(scx, -1, null);
    const result = scx.ops.cgroupPrepMove(task.id, from, cgroup);
    unlock(scx, locked);
    if (result !== 0) {
      // The attach fails with the policy's errno; only a wrong one ends the policy.
      sanitizeErrno(scx, "cgroup_prep_move", result);
      return;
    }
  }
  changeTask(machine, task, () => {
    task.cgroup = cgroup;
    machine.visible?.setCgroup(task.id, cgroup);
    if (task.class === taskClass.fair) fair.changeGroup(machine, task);
    if (scx?.has.cgroup_move) {
      scx.entering("cgroup_move", task.id, machine.thisCpu);
      const locked = lock(scx, task.cpu, task);
      scx.ops.cgroupMove(task.id, from, cgroup);
      unlock(scx, locked);
    }
  });
  const cpu = machine.cpu(task.cpu);
  if (cpu.current === task) reschedCurrent(machine, cpu);
}

/**
 * sched_autogroup_exit_task of an exiting task: sched_move_task, though it stays where it is, and a
 * reschedule. A policy sees one more quiescent, runnable and running of every task, with PF_EXITING set.
 * (The lab's recordings show it: test/fidelity. Kernels without CONFIG_SCHED_AUTOGROUP have it not.)
 */
export function leaveAutogroup(machine: Machine, task: Task): void {
  task.exiting = true;
  machine.visible?.setExiting(task.id);
  changeTask(machine, task, () => undefined);
  reschedCurrent(machine, machine.cpu(task.cpu));
}

/** cpu.weight of a cgroup: scx_group_set_weight, sched_group_set_shares. */
export function setCgroupWeight(machine: Machine, cgroup: number, weight: number): void {
  const scx = machine.scx?.enabled === true ? machine.scx : null;
  if (scx?.has.cgroup_set_weight && machine.cgroupWeights[cgroup] !== weight) {
    scx.entering("cgroup_set_weight", -1, machine.thisCpu);
    const locked = lock(scx, -1, null);
    scx.ops.cgroupSetWeight(cgroup, weight);
    unlock(scx, locked);
  }
  machine.cgroupWeights[cgroup] = weight;
  fair.setGroupWeight(machine, cgroup);
}
