// Cgroups in the default scheduler: a queue per group and CPU, and what each weighs there
// (calc_group_shares, update_cfs_group, reweight_entity of kernel/sched/fair.c, 7.2).

import type { Cpu } from "../core/cpu.ts";
import type { Machine } from "../core/machine.ts";
import { weightFromCgroup } from "../core/weights.ts";
import { FairEntity } from "./fair-entity.ts";
import { FairQueue } from "./fair-queue.ts";

/** MIN_SHARES, without the kernel's scaling by 1024. */
const sharesMin = 2;

/** The queue of a cgroup on a CPU; made, with its ancestors', when first needed. */
export function queueOf(machine: Machine, cpu: Cpu, cgroup: number): FairQueue {
  if (cgroup === 0) return cpu.fair;
  const existing = cpu.fairGroups[cgroup];
  if (existing !== undefined) return existing;
  const parent = machine.scenario.cgroups[cgroup]?.parent ?? 0;
  const parentQueue = queueOf(machine, cpu, parent);
  const queue = new FairQueue(cpu.id, cgroup, cpu.fair.sliceNs);
  const shares = weightFromCgroup(machine.cgroupWeights[cgroup] ?? 100);
  queue.entity = new FairEntity(null, queue, parentQueue, shares);
  cpu.fairGroups[cgroup] = queue;
  return queue;
}

/**
 * calc_group_shares: the group's shares, divided among CPUs by what is runnable there. The kernel takes
 * load averages over some 32 ms; here it is the load of the moment.
 */
function groupWeight(machine: Machine, queue: FairQueue): number {
  const shares = weightFromCgroup(machine.cgroupWeights[queue.cgroup] ?? 100);
  let total = 0;
  for (const cpu of machine.cpus) total += cpu.fairGroups[queue.cgroup]?.load ?? 0;
  if (total === 0) return shares;
  return Math.min(shares, Math.max(sharesMin, Math.round((shares * queue.load) / total)));
}

/** update_cfs_group for every group above a task, or for `from` and above. */
export function reweightGroups(
  machine: Machine,
  entity: FairEntity,
  from: FairQueue = entity.queue,
): void {
  for (let queue = from; queue.entity !== null; queue = queue.entity.queue) {
    const group = queue.entity;
    const weight = groupWeight(machine, queue);
    if (weight !== group.weight) reweightEntity(group, weight);
  }
}

/** reweight_entity: its lag and the rest of its slice stay what they are in real time. */
function reweightEntity(entity: FairEntity, weight: number): void {
  const { queue } = entity;
  if (!entity.onRq) {
    entity.vlag = Math.trunc((entity.vlag * entity.weight) / weight);
    entity.weight = weight;
    return;
  }
  const running = queue.current === entity;
  const ratio = entity.weight / weight;
  const average = queue.averageV();
  const lag = average - entity.vruntime;
  const rest = entity.deadline - entity.vruntime;
  const protectedFor = entity.vprot - entity.vruntime;
  if (!running) queue.remove(entity);
  queue.load += weight - entity.weight;
  entity.weight = weight;
  entity.vruntime = average - Math.trunc(lag * ratio);
  entity.deadline = entity.vruntime + Math.trunc(rest * ratio);
  entity.vprot = entity.vruntime + Math.trunc(protectedFor * ratio);
  if (!running) queue.insert(entity);
}
