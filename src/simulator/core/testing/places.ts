// The machine between two events, looked at whole: every runnable task is in exactly one place, and every
// count and sum that is kept incrementally is what adding up gives. For property tests.

import type { FairEntity } from "../../baseline/fair-entity.ts";
import type { FairQueue } from "../../baseline/fair-queue.ts";
import { cpuMode } from "../cpu.ts";
import type { Dsq } from "../dsq.ts";
import type { Machine } from "../machine.ts";
import { opsState, scxFlag, type Task, taskClass, taskState } from "../task.ts";

/** expect() is too slow for what is looked at after every event; the stack says which line it was. */
function same(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) throw new Error(`${String(actual)} is not ${String(expected)}`);
}

export function checkPlaces(machine: Machine): void {
  const scxRunnable = machine.cpus.map(() => 0);
  const fairRunnable = machine.cpus.map(() => 0);
  const inDsq = new Map<Dsq, number>();
  for (const task of machine.tasks) {
    const runnable = task.state === taskState.runnable;
    if (task.onCpu) same(machine.cpu(task.cpu).current, task);
    if (!task.onCpu) for (const cpu of machine.cpus) same(cpu.current === task, false);
    if (task.class === taskClass.ext) {
      checkScxTask(task, runnable);
      if (runnable) scxRunnable[task.cpu] = (scxRunnable[task.cpu] ?? 0) + 1;
      if (task.dsq !== null) inDsq.set(task.dsq, (inDsq.get(task.dsq) ?? 0) + 1);
    } else if (runnable) {
      same(task.fair?.onRq, true);
      fairRunnable[task.cpu] = (fairRunnable[task.cpu] ?? 0) + 1;
    } else if (task.fair !== null) same(task.fair.onRq, false);
  }
  for (const [dsq, tasks] of inDsq) same(dsq.length, tasks);
  for (const cpu of machine.cpus) {
    same(cpu.fairRunnable, fairRunnable[cpu.id]);
    same(cpu.scxRunnable, scxRunnable[cpu.id]);
    same(cpu.mode === cpuMode.task, cpu.current !== null);
    same(machine.queue.armed(cpu.runEndSlot), cpu.current !== null);
    if (cpu.current !== null) same(machine.queue.armed(cpu.tickSlot), true);
    checkQueue(cpu.fair);
    for (const queue of cpu.fairGroups) if (queue !== undefined) checkQueue(queue);
  }
}

/** Queued in a DSQ, with the policy, on its way to another CPU, or running: one of these. */
function checkScxTask(task: Task, runnable: boolean): void {
  const places = [
    task.dsq !== null,
    task.opsState === opsState.queued,
    task.deferred,
    task.onCpu,
  ].filter(Boolean).length;
  same(places, runnable ? 1 : 0);
  same((task.scx & scxFlag.queued) !== 0, runnable);
  same(task.onRunnableList, runnable && !task.onCpu);
  same(task.stickyCpu, -1);
}

function checkQueue(queue: FairQueue): void {
  let weight = 0;
  let weighted = 0;
  let queued = 0;
  let load = 0;
  const walk = (node: FairEntity | null, up: FairEntity | null): number => {
    if (node === null) return Number.POSITIVE_INFINITY;
    same(node.up, up);
    same(node.onRq, true);
    same(node.queue, queue);
    if (node.left !== null) same(node.left.deadline <= node.deadline, true);
    if (node.right !== null) same(node.right.deadline >= node.deadline, true);
    const least = Math.min(node.vruntime, walk(node.left, node), walk(node.right, node));
    same(node.minVruntime, least);
    weight += node.weight;
    weighted += (node.vruntime - queue.zeroV) * node.weight;
    queued++;
    load += node.weight;
    return least;
  };
  walk(queue.root, null);
  same(queue.sumWeight, weight);
  same(queue.sumWeightedV, weighted);
  if (queue.current?.onRq) {
    queued++;
    load += queue.current.weight;
  }
  same(queue.queued, queued);
  same(queue.load, load);
  if (queue.entity !== null) same(queue.entity.onRq, queued > 0);
}
