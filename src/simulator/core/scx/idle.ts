// Built-in idle tracking and CPU selection (kernel/sched/ext/idle.c, 7.2).

import type { Cpu } from "../cpu.ts";
import { wake } from "../flags.ts";
import { lock, unlock } from "./enqueue.ts";
import type { Scx } from "./scx.ts";

/** SCX_PICK_IDLE_*. */
export const pickIdle = { core: 1, inNode: 2 } as const;
const busy = -16;

/** scx_idle_update_selcpu_topology: prefer the LLC where there are several, the node where they differ. */
export function updateIdleTopology(scx: Scx): void {
  const { machine } = scx;
  const online = machine.onlineCpus;
  const first = machine.cpus.find((cpu) => cpu.online)?.id ?? 0;
  const size = (lists: readonly (readonly number[])[], cpu: number): number =>
    (lists[cpu] as readonly number[]).filter((other) => machine.cpu(other).online).length;
  const { llcCpus, nodeCpus, nodes } = machine.topology;
  scx.topologyLlc = size(llcCpus, first) < online;
  const differs = machine.cpus.some(
    (cpu) => cpu.online && size(llcCpus, cpu.id) !== size(nodeCpus, cpu.id),
  );
  scx.topologyNode = !scx.perNode && nodes > 1 && size(nodeCpus, first) < online && differs;
}

/** scx_idle_test_and_clear_cpu: claims the CPU; its core is no longer wholly idle either way. */
export function testAndClearIdle(scx: Scx, cpu: number): boolean {
  if (scx.machine.topology.smt) {
    for (const sibling of scx.machine.topology.siblings[cpu] as readonly number[]) {
      scx.idleCore[sibling] = 0;
    }
  }
  if (scx.idleCpu[cpu] !== 1) return false;
  scx.idleCpu[cpu] = 0;
  scx.idleCount--;
  return true;
}

/** update_builtin_idle. */
function updateBuiltinIdle(scx: Scx, cpu: number, idle: boolean): void {
  const value = idle ? 1 : 0;
  if (scx.idleCpu[cpu] !== value) {
    scx.idleCpu[cpu] = value;
    scx.idleCount += idle ? 1 : -1;
  }
  if (!scx.machine.topology.smt) return;
  const siblings = scx.machine.topology.siblings[cpu] as readonly number[];
  if (idle) for (const sibling of siblings) if (scx.idleCpu[sibling] !== 1) return;
  for (const sibling of siblings) scx.idleCore[sibling] = value;
}

/** __scx_update_idle. `transition`: between a task and the idle task; else idle to idle. */
export function updateIdle(scx: Scx, cpu: Cpu, idle: boolean, transition: boolean): void {
  if (scx.builtinIdle) updateBuiltinIdle(scx, cpu.id, idle);
  if (scx.has.update_idle && transition && !scx.bypassing) {
    scx.entering("update_idle", -1, cpu.id);
    const locked = lock(scx, cpu.id, null);
    scx.ops.updateIdle(cpu.id, idle);
    unlock(scx, locked);
  }
}

/**
 * cpumask_any_and_distribute: the next one after the last that this CPU was given; -1. `of` and `index`
 * narrow it to an LLC or a node.
 */
function distribute(
  scx: Scx,
  mask: Uint8Array | null,
  allowed: Uint8Array,
  of: Int32Array | null,
  index: number,
): number {
  const { machine } = scx;
  const cpus = allowed.length;
  const asker = machine.cpu(machine.thisCpu);
  let cpu = asker.distributePrevious;
  for (let i = 0; i < cpus; i++) {
    cpu = cpu + 1 >= cpus ? 0 : cpu + 1;
    if (allowed[cpu] !== 1 || (mask !== null && mask[cpu] !== 1)) continue;
    if (of !== null && of[cpu] !== index) continue;
    asker.distributePrevious = cpu;
    return cpu;
  }
  return -1;
}

/** pick_idle_cpu_in_node, and the same for an LLC; `of` null is the whole machine. */
function pickIdleIn(
  scx: Scx,
  allowed: Uint8Array,
  of: Int32Array | null,
  index: number,
  flags: number,
): number {
  if (scx.idleCount === 0) return busy;
  for (;;) {
    let cpu = -1;
    if (scx.machine.topology.smt) {
      cpu = distribute(scx, scx.idleCore, allowed, of, index);
      if (cpu < 0 && (flags & pickIdle.core) !== 0) return busy;
    }
    if (cpu < 0) cpu = distribute(scx, scx.idleCpu, allowed, of, index);
    if (cpu < 0) return busy;
    if (testAndClearIdle(scx, cpu)) return cpu;
  }
}

/**
 * scx_pick_idle_cpu: with SCX_OPS_BUILTIN_IDLE_PER_NODE the node first, then the others, which are as far
 * apart as their numbers; else the whole machine.
 */
function pickIdleFrom(scx: Scx, allowed: Uint8Array, node: number, flags: number): number {
  if (!scx.perNode) return pickIdleIn(scx, allowed, null, 0, flags);
  const { nodeOf, nodes } = scx.machine.topology;
  const cpu = pickIdleIn(scx, allowed, nodeOf, node, flags);
  if (cpu >= 0 || (flags & pickIdle.inNode) !== 0) return cpu;
  for (let distance = 1; distance < nodes; distance++) {
    for (const other of [node - distance, node + distance]) {
      if (other < 0 || other >= nodes) continue;
      const found = pickIdleIn(scx, allowed, nodeOf, other, flags);
      if (found >= 0) return found;
    }
  }
  return busy;
}

/** scx_bpf_pick_idle_cpu: -16 (EBUSY) where none is idle. */
export function pickIdleCpu(scx: Scx, allowed: Uint8Array, flags: number): number {
  return pickIdleFrom(scx, allowed, nodeHere(scx), flags);
}

/** scx_bpf_pick_any_cpu: an idle one first; -16 (EBUSY) where none is allowed. */
export function pickAnyCpu(scx: Scx, allowed: Uint8Array, flags: number): number {
  if (scx.builtinIdle) {
    const cpu = pickIdleCpu(scx, allowed, flags);
    if (cpu >= 0) return cpu;
  }
  const cpu = distribute(scx, null, allowed, null, 0);
  return cpu >= 0 ? cpu : busy;
}

function nodeHere(scx: Scx): number {
  return scx.machine.topology.nodeOf[scx.machine.thisCpu] as number;
}

/**
 * scx_select_cpu_dfl: a wholly idle core before a half idle one, the previous CPU, its sibling, its LLC,
 * its node, any. `allowed`: the task's mask, perhaps narrowed. -16 (EBUSY) where none is idle.
 */
export function selectCpuDefault(
  scx: Scx,
  allowed: Uint8Array,
  previousCpu: number,
  wakeFlags: number,
  flags: number,
): number {
  if (scx.idleCount === 0) return busy;
  const { topology } = scx.machine;
  const node = topology.nodeOf[previousCpu] as number;
  const previousAllowed = allowed[previousCpu] === 1;
  if ((wakeFlags & wake.sync) !== 0) {
    const cpu = selectForSync(scx, allowed, previousCpu, flags);
    if (cpu >= 0) return cpu;
  }
  if (topology.smt) {
    if (previousAllowed && scx.idleCore[previousCpu] === 1 && testAndClearIdle(scx, previousCpu)) {
      return previousCpu;
    }
    const near = pickNear(scx, allowed, previousCpu, pickIdle.core);
    if (near >= 0) return near;
    const cpu = pickIdleFrom(scx, allowed, node, flags | pickIdle.core);
    if (cpu >= 0) return cpu;
    if ((flags & pickIdle.core) !== 0) return busy;
  }
  if (previousAllowed && testAndClearIdle(scx, previousCpu)) return previousCpu;
  if (topology.smt) {
    for (const sibling of topology.siblings[previousCpu] as readonly number[]) {
      if (sibling === previousCpu || allowed[sibling] !== 1) continue;
      if (testAndClearIdle(scx, sibling)) return sibling;
    }
  }
  const near = pickNear(scx, allowed, previousCpu, 0);
  if (near >= 0) return near;
  return pickIdleFrom(scx, allowed, node, flags);
}

/** The previous CPU's LLC, then its node, where these are told apart. */
function pickNear(scx: Scx, allowed: Uint8Array, previousCpu: number, flags: number): number {
  const { llcOf, nodeOf } = scx.machine.topology;
  if (scx.topologyLlc) {
    const cpu = pickIdleIn(scx, allowed, llcOf, llcOf[previousCpu] as number, flags);
    if (cpu >= 0) return cpu;
  }
  if (!scx.topologyNode) return busy;
  return pickIdleIn(scx, allowed, nodeOf, nodeOf[previousCpu] as number, flags);
}

/** SCX_WAKE_SYNC: the previous CPU where it is near and idle, else the waker's, which is soon free. */
function selectForSync(scx: Scx, allowed: Uint8Array, previousCpu: number, flags: number): number {
  const { machine } = scx;
  const { llcOf, nodeOf } = machine.topology;
  const here = machine.thisCpu;
  if (
    allowed[previousCpu] === 1 &&
    llcOf[here] === llcOf[previousCpu] &&
    testAndClearIdle(scx, previousCpu)
  ) {
    return previousCpu;
  }
  const waker = machine.cpu(here);
  if (waker.current?.exiting === true || waker.localDsq.length > 0) return busy;
  if ((flags & pickIdle.inNode) !== 0 && scx.perNode && nodeOf[here] !== nodeOf[previousCpu]) {
    return busy;
  }
  if (scx.idleCount === 0 || allowed[here] !== 1) return busy;
  testAndClearIdle(scx, here);
  return here;
}
