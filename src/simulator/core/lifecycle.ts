// Tasks come and go: copy_process with scx_fork and scx_post_fork, do_exit with sched_ext_dead
// (kernel/fork.c, kernel/exit.c, kernel/sched/ext/ext.c, 7.2).

import { SimulatorLimit } from "../errors.ts";
import type { TaskPolicy } from "../scenario/scenario.ts";
import { uptimeAtStartNs } from "./constants.ts";
import type { Machine } from "./machine.ts";
import { streamOf } from "./random.ts";
import { enableTask, exitTask, initTask } from "./scx/task-life.ts";
import { scxState, Task, taskClass, taskState } from "./task.ts";
import { wakeTask } from "./wakeup.ts";
import { loadWeight, schedPolicy, weightToCgroup } from "./weights.ts";

/** Pids of a scenario's tasks start here: below are those of a system that has booted. */
const pidBase = 1000;

/**
 * A new task of a spec, asleep, its memory visible to the policy. It belongs to no class yet: `admitTask`
 * or the policy's enabling decides.
 */
export function createTask(
  machine: Machine,
  spec: number,
  instance: number,
  parent: Task | null,
  startCpu: number,
): Task {
  const { scenario, limits } = machine;
  const facts = scenario.tasks[spec];
  if (facts === undefined) throw new RangeError(`no task spec ${spec} in ${scenario.name}`);
  if (machine.tasks.length >= limits.tasksMax) {
    throw new SimulatorLimit(`more than ${limits.tasksMax} tasks were started`);
  }
  const id = machine.tasks.length;
  const task = new Task({
    id,
    pid: pidBase + id,
    spec,
    instance,
    background: facts.background,
    kernelThread: facts.kernelThread,
    program: machine.programs[spec] as Task["program"],
    parent,
    comm: facts.comm.slice(0, 15),
    policy: policyNumber(facts.policy),
    loop: facts.loop,
    random: streamOf(scenario.seed, spec, instance),
    nice: facts.nice,
    allowed: machine.specCpus[spec] as Task["allowed"],
    cgroup: facts.cgroup,
  });
  machine.tasks.push(task);
  task.state = taskState.sleeping;
  task.cpu = startCpu;
  task.startedNs = machine.now;
  task.loadWeight = loadWeight(task.nice, task.policy);
  task.weight = weightToCgroup(task.loadWeight);
  machine.scx?.state.taskCreated(id, {
    pid: task.pid,
    tgid: task.pid,
    parent: parent === null ? -1 : parent.id,
    comm: task.comm,
    kernelThread: task.kernelThread,
    startNs: machine.now + uptimeAtStartNs,
  });
  machine.scx?.state.setSlice(id, machine.scx.sliceDefaultNs);
  const { visible } = machine;
  if (visible !== null) {
    visible.setNice(id, task.nice, task.weight);
    visible.setAffinity(id, task.allowed.list);
    visible.setPolicy(id, task.policy);
    visible.setCgroup(id, task.cgroup);
    visible.setPlace(id, startCpu, false, false);
  }
  return task;
}

/** From here on the task counts: watchers hear of it, the makespan waits for it. */
export function announceTask(machine: Machine, task: Task): void {
  if (!task.background) machine.foregroundLeft++;
  machine.observer.taskStarted?.(machine.now, task.id, {
    spec: task.spec,
    instance: task.instance,
    pid: task.pid,
    comm: task.comm,
    weight: task.weight,
    cpus: task.allowed.list,
  });
}

/** scx_fork and scx_post_fork: false where the policy refuses the task, so that the fork fails. */
export function admitTask(machine: Machine, task: Task): boolean {
  const { scx } = machine;
  if (scx?.enabled !== true) return true;
  if (initTask(scx, task, true) !== 0) {
    task.state = taskState.dead;
    task.exitedNs = machine.now;
    scx.state.taskFreed(task.id);
    return false;
  }
  if (belongsToScx(machine, task)) {
    task.class = taskClass.ext;
    enableTask(scx, task);
  }
  return true;
}

/** task_should_scx. */
export function belongsToScx(machine: Machine, task: Task): boolean {
  const { scx } = machine;
  return scx !== null && (!scx.partial || task.policy === schedPolicy.ext);
}

/**
 * exit_notify: wakes a parent that waits for a child, whichever (wait4 of -1), with WF_SYNC. The child
 * still lives and can lose its CPU to the parent.
 */
export function tellParent(machine: Machine, task: Task): void {
  const { parent } = task;
  task.parentTold = true;
  if (parent === null) return;
  parent.children--;
  if (!parent.joining) return;
  parent.joining = false;
  wakeTask(machine, parent, true, task.id);
}

/** do_task_dead. The CPU goes on to the last schedule(). */
export function beginExit(machine: Machine, task: Task): void {
  task.exiting = true;
  task.state = taskState.dead;
  task.exitedNs = machine.now;
  machine.visible?.setExiting(task.id);
  machine.observer.taskExited?.(machine.now, task.id);
  if (task.background) return;
  machine.foregroundLeft--;
  machine.foregroundEndNs = machine.now;
}

/** finish_task_switch of a dead task: sched_ext_dead, after its successor is on the CPU. */
export function buryTask(machine: Machine, task: Task): void {
  const { scx } = machine;
  if (scx === null) return;
  if ((task.scx & 0x700) !== scxState.none) exitTask(scx, task);
  scx.state.taskFreed(task.id);
}

function policyNumber(policy: TaskPolicy): number {
  return schedPolicy[policy];
}
