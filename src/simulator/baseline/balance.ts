// Load balancing of the default scheduler, simple but sane: a CPU that is about to idle pulls a task
// (sched_balance_newidle), a tick on a CPU with waiting tasks gives one to an idle CPU (nohz_balancer_kick,
// nohz_idle_balance) and now and then evens out loads (sched_balance_rq of kernel/sched/fair.c, 7.2).

import { moveQueued } from "../core/change.ts";
import { tickNs } from "../core/constants.ts";
import type { Cpu } from "../core/cpu.ts";
import type { Machine } from "../core/machine.ts";
import { reschedCurrent } from "../core/resched.ts";
import type { Task } from "../core/task.ts";
import type { FairEntity } from "./fair-entity.ts";
import type { FairQueue } from "./fair-queue.ts";
import { isIdle } from "./placement.ts";

/** sysctl_sched_migration_cost: a task that ran less than this ago is cache hot (task_hot). */
const migrationCostNs = 500_000;
/** busy_factor 16 on a balance_interval of one ms a CPU of the domain. */
const busyFactorNs = 16_000_000;
/** imbalance_pct of a domain of an LLC and above. */
const imbalancePercent = 117;
/** sched_nr_migrate_break and the like bound the work; here how many entities are looked at. */
const candidatesMax = 32;

/** Pulls one waiting task to a CPU that has none; whether it got one. */
export function pullForIdle(machine: Machine, cpu: Cpu): boolean {
  const task = findTask(machine, cpu);
  if (task === null) return false;
  moveQueued(machine, task, cpu.id);
  return true;
}

/** From the busiest CPU, nearest first: the LLC, the node, the machine. */
function findTask(machine: Machine, cpu: Cpu): Task | null {
  const { topology } = machine;
  for (const span of [topology.llcCpus[cpu.id], topology.nodeCpus[cpu.id], machine.everyCpu.list]) {
    let busiest: Cpu | null = null;
    for (const id of span as readonly number[]) {
      const other = machine.cpu(id);
      if (other === cpu || !other.online || waiting(other) === 0) continue;
      if (busiest === null || other.fair.load > busiest.fair.load) busiest = other;
    }
    if (busiest === null) continue;
    const task = detachable(machine, busiest, cpu);
    if (task !== null) return task;
  }
  return null;
}

/** Queued tasks that do not run. */
function waiting(cpu: Cpu): number {
  const running = cpu.current !== null && cpu.current.class === 0 ? 1 : 0;
  return cpu.fairRunnable - running;
}

/** can_migrate_task: allowed there, and not cache hot. */
function detachable(machine: Machine, from: Cpu, to: Cpu): Task | null {
  const left = { count: candidatesMax };
  return search(machine, from.fair, to, left);
}

function search(machine: Machine, queue: FairQueue, to: Cpu, left: { count: number }): Task | null {
  return searchTree(machine, queue.root, to, left) ?? searchGroup(machine, queue.current, to, left);
}

/** The group of the running task has other tasks that wait. */
function searchGroup(
  machine: Machine,
  entity: FairEntity | null,
  to: Cpu,
  left: { count: number },
): Task | null {
  return entity === null || entity.owned === null ? null : search(machine, entity.owned, to, left);
}

function searchTree(
  machine: Machine,
  node: FairEntity | null,
  to: Cpu,
  left: { count: number },
): Task | null {
  if (node === null || left.count-- <= 0) return null;
  const { task, owned } = node;
  if (task !== null) {
    const hot = task.lastRanNs >= 0 && machine.now - task.lastRanNs < migrationCostNs;
    if (!hot && task.allowed.bits[to.id] === 1) return task;
  } else if (owned !== null) {
    const found = search(machine, owned, to, left);
    if (found !== null) return found;
  }
  return searchTree(machine, node.left, to, left) ?? searchTree(machine, node.right, to, left);
}

export function balanceOnTick(machine: Machine, cpu: Cpu): void {
  if (waiting(cpu) > 0) giveToIdle(machine, cpu);
  if (machine.now < cpu.fairNextBalanceNs) return;
  const interval = Math.max(tickNs, machine.onlineCpus * busyFactorNs);
  // CPUs take turns, so that they do not all balance at one tick.
  cpu.fairNextBalanceNs = machine.now + interval + cpu.id * tickNs;
  evenOut(machine, cpu);
}

/** An idle CPU is kicked and pulls for itself. */
function giveToIdle(machine: Machine, cpu: Cpu): void {
  for (const idle of machine.cpus) {
    if (!isIdle(idle)) continue;
    const task = detachable(machine, cpu, idle);
    if (task === null) continue;
    moveQueued(machine, task, idle.id);
    reschedCurrent(machine, idle);
    return;
  }
}

/** Pulls from the busiest CPU until the difference is halved, or nothing may move. */
function evenOut(machine: Machine, cpu: Cpu): void {
  let busiest: Cpu | null = null;
  for (const other of machine.cpus) {
    if (other === cpu || !other.online || waiting(other) === 0) continue;
    if (busiest === null || other.fair.load > busiest.fair.load) busiest = other;
  }
  if (busiest === null) return;
  for (let moved = 0; moved < candidatesMax; moved++) {
    if (busiest.fair.load * 100 <= cpu.fair.load * imbalancePercent) return;
    const task = detachable(machine, busiest, cpu);
    if (task === null || task.loadWeight * 2 > busiest.fair.load - cpu.fair.load) return;
    moveQueued(machine, task, cpu.id);
  }
}
