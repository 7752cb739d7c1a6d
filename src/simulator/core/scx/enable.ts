// A policy comes and goes: scx_root_enable_workfn, scx_bypass, scx_root_disable, validate_ops,
// scx_cgroup_init and _exit (kernel/sched/ext/ext.c, 7.2).

import { changeTask } from "../change.ts";
import { sliceBypassNs } from "../constants.ts";
import type { Cpu } from "../cpu.ts";
import { belongsToScx } from "../lifecycle.ts";
import { opsFlags } from "../policy-ops.ts";
import { reschedCurrent } from "../resched.ts";
import { type Task, taskClass, taskState } from "../task.ts";
import { lock, unlock } from "./enqueue.ts";
import { claimExit, exitKind, named, sanitizeErrno, scxError } from "./exit.ts";
import { updateIdleTopology } from "./idle.ts";
import type { Scx } from "./scx.ts";
import { disableTask, enableTask, exitTask, initTask } from "./task-life.ts";
import { armWatchdog } from "./watchdog.ts";

/** scx_root_enable_workfn. Where it fails, `exit` is set and the tasks stay with the default scheduler. */
export function enablePolicy(scx: Scx): void {
  const { machine } = scx;
  armWatchdog(scx);
  if (scx.has.init) {
    scx.entering("init", -1, machine.thisCpu);
    const locked = lock(scx, -1, null);
    const result = scx.ops.init();
    unlock(scx, locked);
    if (result !== 0) {
      const errno = sanitizeErrno(scx, "init", result);
      scxError(scx, `ops.init() failed (${errno})`);
      return;
    }
  }
  updateIdleTopology(scx);
  if (!validate(scx)) return;
  if (!initialiseCgroups(scx)) return;
  for (const task of machine.tasks) {
    if (task.state === taskState.dead) continue;
    const errno = initTask(scx, task, false);
    if (errno !== 0) {
      scxError(scx, `ops.init_task() failed (${errno}) for ${named(task)}`);
      return;
    }
  }
  scx.enabled = true;
  for (const task of machine.tasks) {
    if (task.state !== taskState.dead && belongsToScx(machine, task)) switchToScx(scx, task);
  }
}

/** validate_ops. */
function validate(scx: Scx): boolean {
  if ((scx.flags & opsFlags.enqLast) !== 0 && !scx.has.enqueue) {
    scxError(scx, "SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented");
    return false;
  }
  if (scx.perNode && !scx.builtinIdle) {
    scxError(scx, "SCX_OPS_BUILTIN_IDLE_PER_NODE requires CPU idle selection enabled");
    return false;
  }
  return true;
}

function initialiseCgroups(scx: Scx): boolean {
  for (let cgroup = 0; cgroup < scx.machine.scenario.cgroups.length; cgroup++) {
    if (scx.has.cgroup_init) {
      scx.entering("cgroup_init", -1, scx.machine.thisCpu);
      const locked = lock(scx, -1, null);
      const result = scx.ops.cgroupInit(cgroup);
      unlock(scx, locked);
      if (result !== 0) {
        scxError(scx, `ops.cgroup_init() failed (${result})`);
        return false;
      }
    }
    scx.cgroupsInitialised.push(cgroup);
  }
  return true;
}

/** The class change of an existing task: switching_to_scx enables it and tells its affinity. */
function switchToScx(scx: Scx, task: Task): void {
  changeTask(scx.machine, task, () => {
    scx.state.setSlice(task.id, scx.sliceDefaultNs);
    task.class = taskClass.ext;
    enableTask(scx, task);
    if (scx.has.set_cpumask) {
      scx.entering("set_cpumask", task.id, scx.machine.thisCpu);
      const locked = lock(scx, task.cpu, task);
      scx.ops.setCpumask(task.id);
      unlock(scx, locked);
    }
  });
}

/** scx_bypass(true): every runnable task is cycled through dequeue and enqueue, into a FIFO per CPU. */
function bypass(scx: Scx): void {
  scx.bypassing = true;
  scx.sliceDefaultNs = sliceBypassNs;
  for (const cpu of scx.machine.cpus) {
    if (!scx.enabled) continue;
    for (const task of runnableReversed(cpu)) {
      changeTask(scx.machine, task, () => {
        // No property changes.
      });
    }
    reschedCurrent(scx.machine, cpu);
  }
}

function runnableReversed(cpu: Cpu): Task[] {
  const tasks: Task[] = [];
  for (let task = cpu.runnableTail; task !== null; task = task.runnablePrevious) tasks.push(task);
  return tasks;
}

/**
 * scx_root_disable, by the kernel's helper thread: bypass, cgroups, every task back to the default
 * scheduler, ops.exit. The simulation goes on without the policy.
 */
export function disablePolicy(scx: Scx): void {
  const { machine } = scx;
  const { exit } = scx;
  if (exit === null || scx.disabled) return;
  bypass(scx);
  for (const cgroup of scx.cgroupsInitialised.reverse()) {
    if (!scx.has.cgroup_exit) continue;
    scx.entering("cgroup_exit", -1, machine.thisCpu);
    const locked = lock(scx, -1, null);
    scx.ops.cgroupExit(cgroup);
    unlock(scx, locked);
  }
  for (const task of machine.tasks) switchFromScx(scx, task);
  scx.enabled = false;
  scx.disabled = true;
  scx.exitNs = machine.now;
  for (const slot of scx.timers.keys()) machine.queue.release(slot);
  scx.timers.clear();
  machine.queue.cancel(scx.watchdogSlot);
  if (scx.has.exit) {
    scx.entering("exit", -1, machine.thisCpu);
    scx.ops.exit(exit);
  }
  if (exit.kind !== exitKind.unregistered) machine.observer.exited?.(machine.now, exit);
  machine.dropPolicy();
  for (const cpu of machine.cpus) reschedCurrent(machine, cpu);
}

function switchFromScx(scx: Scx, task: Task): void {
  if (task.class === taskClass.ext && task.state !== taskState.dead) {
    changeTask(scx.machine, task, () => {
      // switched_from_scx comes before the task is put into its new class.
      disableTask(scx, task);
      task.class = taskClass.fair;
    });
  }
  exitTask(scx, task);
}

/**
 * The scenario is over and the policy is still there: it is unregistered, as its loader would do. Its ops
 * run to the end; to an observer it has not exited.
 */
export function unregister(scx: Scx): void {
  claimExit(scx, exitKind.unregistered, 0, "");
  disablePolicy(scx);
}
