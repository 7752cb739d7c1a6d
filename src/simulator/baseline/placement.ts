// Which CPU a waking or new task of the default scheduler goes to: select_task_rq_fair, wake_affine,
// select_idle_sibling, sched_balance_find_dst_cpu (kernel/sched/fair.c, 7.2). The search for an idle CPU is
// not cut short as SIS_UTIL does on big, busy machines.

import { type Cpu, cpuMode } from "../core/cpu.ts";
import { wake } from "../core/flags.ts";
import type { Machine } from "../core/machine.ts";
import { type Task, taskClass } from "../core/task.ts";

export function selectCpu(
  machine: Machine,
  task: Task,
  previousCpu: number,
  wakeFlags: number,
): number {
  if ((wakeFlags & wake.fork) !== 0) return idlest(machine, task, previousCpu);
  // A sleeper whose lag has not worn off is still on its queue (delayed): it wakes where it is.
  const entity = task.fair;
  if (entity?.sleeping && entity.vlag < 0 && entity.queue.queued > 0) {
    if (entity.queue.averageV() - entity.sleptAtV + entity.vlag < 0) return previousCpu;
  }
  const here = machine.thisCpu;
  let target = previousCpu;
  if (here !== previousCpu && task.allowed.bits[here] === 1) {
    target = wakeAffine(machine, task, here, previousCpu, (wakeFlags & wake.sync) !== 0);
  }
  return idleSibling(machine, task, previousCpu, target);
}

/** available_idle_cpu. */
export function isIdle(cpu: Cpu): boolean {
  return cpu.mode === cpuMode.idle && cpu.online && cpu.fairRunnable === 0;
}

/** wake_affine: near the waker or where it was. */
function wakeAffine(
  machine: Machine,
  task: Task,
  here: number,
  previous: number,
  sync: boolean,
): number {
  const waker = machine.cpu(here);
  const before = machine.cpu(previous);
  const sharesCache = machine.topology.llcOf[here] === machine.topology.llcOf[previous];
  if (isIdle(waker) && sharesCache) return isIdle(before) ? previous : here;
  if (sync && waker.fairRunnable === 1) return here;
  if (isIdle(before)) return previous;
  // wake_affine_weight: the load that each would have; the waker's own does not count where it sleeps soon.
  const current = waker.current;
  const own = sync && current !== null && current.class === taskClass.fair ? current.loadWeight : 0;
  const loadHere = waker.fair.load - own + task.loadWeight;
  return loadHere < before.fair.load ? here : previous;
}

/** select_idle_sibling: the target, the previous CPU, a whole idle core, any idle CPU of the LLC. */
function idleSibling(machine: Machine, task: Task, previous: number, target: number): number {
  const { topology } = machine;
  const allowed = task.allowed.bits;
  if (allowed[target] === 1 && isIdle(machine.cpu(target))) return target;
  if (
    previous !== target &&
    allowed[previous] === 1 &&
    topology.llcOf[previous] === topology.llcOf[target] &&
    isIdle(machine.cpu(previous))
  ) {
    return previous;
  }
  const span = topology.llcCpus[target] as readonly number[];
  let any = -1;
  const start = span.indexOf(target);
  for (let i = 1; i <= span.length; i++) {
    const cpu = span[(start + i) % span.length] as number;
    if (allowed[cpu] !== 1 || !isIdle(machine.cpu(cpu))) continue;
    if (!topology.smt) return cpu;
    if (any < 0) any = cpu;
    const core = topology.siblings[cpu] as readonly number[];
    if (core.every((sibling) => isIdle(machine.cpu(sibling)))) return cpu;
  }
  if (any >= 0) return any;
  return target;
}

/** sched_balance_find_dst_cpu at fork: an idle CPU, near first; else the one with the least load. */
function idlest(machine: Machine, task: Task, previous: number): number {
  const { topology } = machine;
  const near = topology.llcOf[previous];
  let best = -1;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const id of task.allowed.list) {
    const cpu = machine.cpu(id);
    if (!cpu.online) continue;
    const core = topology.siblings[id] as readonly number[];
    const wholeCore = core.every((sibling) => isIdle(machine.cpu(sibling)));
    const rank = isIdle(cpu)
      ? -4 + (wholeCore ? 0 : 2) + (topology.llcOf[id] === near ? 0 : 1)
      : cpu.fair.load;
    if (rank < bestRank || (rank === bestRank && id === previous)) {
      best = id;
      bestRank = rank;
    }
  }
  return best < 0 ? previous : best;
}
