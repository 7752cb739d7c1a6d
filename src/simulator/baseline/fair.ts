// The default scheduler's class on the simulated machine: what the core asks of it (enqueue_task_fair,
// dequeue_task_fair, pick_task_fair, update_curr, task_tick_fair, wakeup_preempt_fair, yield_task_fair of
// kernel/sched/fair.c, 7.2, with the features that are on by default: NEXT_BUDDY is off).
//
// Preemption is lazy, as the target is built (CONFIG_PREEMPT_LAZY): a running task gives way when its CPU
// next returns to user mode, on another CPU that is its next interrupt, at the latest the tick.

import { updateCurrent } from "../core/account.ts";
import { type Cpu, cpuMode } from "../core/cpu.ts";
import { deq, enq, wake } from "../core/flags.ts";
import type { Machine } from "../core/machine.ts";
import { type Task, taskClass, taskState } from "../core/task.ts";
import { schedPolicy } from "../core/weights.ts";
import { balanceOnTick, pullForIdle } from "./balance.ts";
import { FairEntity, virtualNs } from "./fair-entity.ts";
import { FairQueue } from "./fair-queue.ts";
import { queueOf, reweightGroups } from "./groups.ts";

export { selectCpu } from "./placement.ts";

/** One real-time root queue a CPU; groups' queues are made when first needed. */
export function prepare(machine: Machine, sliceNs: number): void {
  for (const cpu of machine.cpus) cpu.fair = new FairQueue(cpu.id, 0, sliceNs);
}

function entityOf(machine: Machine, task: Task): FairEntity {
  const queue = queueOf(machine, machine.cpu(task.cpu), task.cgroup);
  let entity = task.fair;
  if (entity === null) {
    entity = new FairEntity(task, null, queue, task.loadWeight);
    entity.idle = task.policy === schedPolicy.idle;
    task.fair = entity;
  }
  if (!entity.onRq && entity.queue !== queue) {
    // A lag that wears off does so on the queue that it was left on.
    settleSleep(entity);
    entity.queue = queue;
  }
  return entity;
}

/**
 * DELAY_DEQUEUE in closed form: the kernel leaves a sleeper with negative lag on the queue until V has
 * passed its vruntime; here the lag is reduced by what V advanced. Its weight does not count meanwhile.
 */
export function settleSleep(entity: FairEntity): void {
  if (!entity.sleeping) return;
  entity.sleeping = false;
  if (entity.vlag >= 0) return;
  const advanced = entity.queue.averageV() - entity.sleptAtV;
  entity.vlag = entity.queue.queued === 0 ? 0 : Math.min(0, entity.vlag + Math.max(0, advanced));
}

export function enqueue(
  machine: Machine,
  cpu: Cpu,
  task: Task,
  flags: number,
  migrating: boolean,
  restore: boolean,
): void {
  const entity = entityOf(machine, task);
  updateOf(machine, cpu);
  const initial = !restore && !migrating && (flags & enq.wakeup) === 0;
  for (let se: FairEntity | null = entity; se !== null && !se.onRq; se = se.queue.entity) {
    const queue: FairQueue = se.queue;
    settleSleep(se);
    queue.place(se, initial && se === entity);
    se.onRq = true;
    if (queue.current !== se) queue.insert(se);
    queue.queued++;
    queue.load += se.weight;
  }
  cpu.fairRunnable++;
  reweightGroups(machine, entity);
}

export function dequeue(machine: Machine, cpu: Cpu, task: Task, flags: number): void {
  const entity = task.fair;
  if (entity === null || !entity.onRq) return;
  updateOf(machine, cpu);
  const sleep = (flags & deq.sleep) !== 0;
  let se: FairEntity | null = entity;
  while (se !== null) {
    const queue: FairQueue = se.queue;
    se.vlag = queue.lagOf(se);
    se.sleeping = sleep;
    if (sleep) se.sleptAtV = queue.zeroV;
    else {
      se.deadline -= se.vruntime;
      se.relativeDeadline = true;
    }
    if (queue.current !== se) queue.remove(se);
    se.onRq = false;
    queue.queued--;
    queue.load -= se.weight;
    // A group leaves its parent's queue with its last task.
    if (queue.queued > 0) break;
    se = queue.entity;
  }
  cpu.fairRunnable--;
  reweightGroups(machine, entity);
}

/** Accounts the running task first: the averages count it. */
function updateOf(machine: Machine, cpu: Cpu): void {
  const { current } = cpu;
  if (current !== null && current.class === taskClass.fair) updateCurrent(machine, cpu);
}

/** update_curr at every level: vruntime, a new deadline where the slice is used up, whether to give way. */
export function chargeCurrent(cpu: Cpu, task: Task, delta: number): void {
  for (let se: FairEntity | null = task.fair; se !== null; se = se.queue.entity) {
    const queue: FairQueue = se.queue;
    if (queue.current !== se) continue;
    se.vruntime += virtualNs(delta, se.weight);
    let over = false;
    if (se.vruntime >= se.deadline) {
      se.deadline = se.vruntime + virtualNs(queue.sliceNs, se.weight);
      over = true;
    }
    if (queue.queued > 1 && (over || se.vruntime >= se.vprot)) cpu.needReschedLazy = true;
  }
}

/** pick_task_fair: from the root down to a task. */
export function pick(cpu: Cpu): Task | null {
  let queue: FairQueue = cpu.fair;
  if (queue.queued === 0) return null;
  for (;;) {
    const se = queue.pick(true);
    if (se === null) return null;
    if (se.task !== null) return se.task;
    queue = se.owned as FairQueue;
  }
}

/** set_next_task_fair: off the tree at every level; protected until the deadline (set_protect_slice). */
export function setNext(task: Task): void {
  for (let se: FairEntity | null = task.fair; se !== null; se = se.queue.entity) {
    const queue: FairQueue = se.queue;
    if (queue.current === se) continue;
    if (se.onRq) {
      queue.remove(se);
      se.vprot = se.deadline;
    }
    queue.current = se;
  }
}

/** put_prev_task_fair. */
export function putPrevious(task: Task): void {
  for (let se: FairEntity | null = task.fair; se !== null; se = se.queue.entity) {
    const queue: FairQueue = se.queue;
    if (queue.current !== se) continue;
    queue.current = null;
    if (se.onRq) queue.insert(se);
  }
}

/** task_tick_fair; entity_tick recomputes group weights. Whether to give way, update_curr has found. */
export function tick(machine: Machine, cpu: Cpu, task: Task): void {
  if (task.fair !== null) reweightGroups(machine, task.fair);
  balanceOnTick(machine, cpu);
}

/** wakeup_preempt_fair: a woken task takes over where it is what the pick would now choose. */
export function wakeupPreempt(machine: Machine, cpu: Cpu, task: Task, wakeFlags: number): void {
  const { current } = cpu;
  if (current === null || current === task || cpu.mode !== cpuMode.task) return;
  let se = current.fair;
  let pse = task.fair;
  if (se === null || pse === null || cpu.needResched) return;
  updateCurrent(machine, cpu);
  // find_matching_se: the two ancestors that compete in one queue.
  let seDepth = depth(se);
  let pseDepth = depth(pse);
  while (se !== null && pse !== null && se.queue !== pse.queue) {
    if (seDepth >= pseDepth) {
      se = se.queue.entity;
      seDepth--;
    } else {
      pse = pse.queue.entity;
      pseDepth--;
    }
  }
  if (se === null || pse === null || se === pse) return;
  if (se.idle !== pse.idle) {
    if (se.idle) {
      se.vprot = se.vruntime;
      cpu.needReschedLazy = true;
    }
    return;
  }
  if (task.policy !== schedPolicy.normal && task.policy !== schedPolicy.ext) return;
  if ((wakeFlags & wake.fork) !== 0) return;
  if (se.queue.pick(true) === pse) cpu.needReschedLazy = true;
}

function depth(entity: FairEntity): number {
  let levels = 0;
  for (let se = entity.queue.entity; se !== null; se = se.queue.entity) levels++;
  return levels;
}

/** yield_task_fair: an eligible task gives up the rest of its slice. */
export function yieldTask(machine: Machine, cpu: Cpu, task: Task): void {
  const se = task.fair;
  if (se === null) return;
  updateCurrent(machine, cpu);
  const { queue } = se;
  if (queue.queued < 2) return;
  if (queue.eligibleV(se.vruntime)) se.vruntime = se.deadline;
  se.deadline = se.vruntime + virtualNs(queue.sliceNs, se.weight);
  se.vprot = se.vruntime;
}

/** reweight_entity of a task that is on no queue at the moment (the change took it off). */
export function reweight(task: Task): void {
  const se = task.fair;
  if (se === null) return;
  // Lag and deadline are real time owed: in virtual time they scale with the old weight over the new.
  const ratio = se.weight / task.loadWeight;
  se.vlag = Math.trunc(se.vlag * ratio);
  if (se.relativeDeadline) se.deadline = Math.trunc(se.deadline * ratio);
  se.weight = task.loadWeight;
}

/** task_change_group_fair: the task is off its queue, and meets the new one when it is put back. */
export function changeGroup(machine: Machine, task: Task): void {
  if (task.fair !== null) entityOf(machine, task);
}

export function setGroupWeight(machine: Machine, cgroup: number): void {
  for (const cpu of machine.cpus) {
    const queue = cpu.fairGroups[cgroup];
    if (queue?.entity?.onRq) {
      updateCurrent(machine, cpu);
      reweightGroups(machine, queue.entity, queue);
    }
  }
}

export function newIdleBalance(machine: Machine, cpu: Cpu): boolean {
  return cpu.online && pullForIdle(machine, cpu);
}

/** Tasks that are queued on a CPU, not running: for a CPU that goes offline. */
export function fairTasksOn(machine: Machine, cpu: Cpu): Task[] {
  return machine.tasks.filter(
    (task) =>
      task.class === taskClass.fair &&
      task.cpu === cpu.id &&
      task.state === taskState.runnable &&
      task.onRq &&
      !task.onCpu,
  );
}
