// Kernel for a policy: the scx_bpf_* kfuncs over the core's state (kernel/sched/ext/ext.c and idle.c, 7.2).

import { uptimeAtStartNs } from "../constants.ts";
import { Dsq, dsqBuiltinBit, dsqKind, dsqLocalLow, dsqLocalOnBits } from "../dsq.ts";
import { enq } from "../flags.ts";
import type { DsqCursor, Kernel } from "../kernel.ts";
import { type Machine, timer } from "../machine.ts";
import type { PolicyExit } from "../policy-ops.ts";
import { mix, step } from "../random.ts";
import { opsState, type Task } from "../task.ts";
import { reenqueueLocal } from "./deferred.ts";
import { consume, flushDispatchBuffer } from "./dispatch.ts";
import { ScxCursor } from "./dsq-cursor.ts";
import { scheduleReenqueue } from "./enqueue.ts";
import { claimExit, exitKind, hex, hex16, named, scxError } from "./exit.ts";
import {
  pickAnyCpu as pickAny,
  pickIdleCpu as pickIdle,
  selectCpuDefault as selectDefault,
  testAndClearIdle as testAndClear,
} from "./idle.ts";
import { requestKick } from "./kick.ts";
import { dsqsMax, type Scx } from "./scx.ts";

const errno = { noEntry: -2, busy: -16, exists: -17, invalid: -22, noSpace: -12 } as const;
/** SCX_CPUPERF_ONE. */
const performanceFull = 1024;

export class KernelCalls implements Kernel {
  readonly #scx: Scx;
  readonly #machine: Machine;
  readonly cpus: number;
  readonly #scratchMask: Uint8Array;

  constructor(scx: Scx) {
    this.#scx = scx;
    this.#machine = scx.machine;
    this.cpus = scx.machine.cpus.length;
    this.#scratchMask = new Uint8Array(this.cpus);
  }

  now(): number {
    return this.#machine.now + uptimeAtStartNs;
  }

  get exit(): PolicyExit | null {
    return this.#scx.exit;
  }

  currentCpu(): number {
    return this.#machine.thisCpu;
  }

  currentTask(): number {
    return this.cpuCurrent(this.#machine.thisCpu);
  }

  // scx_bpf_create_dsq and the like.

  createDsq(low: number, high: number, node: number): number {
    const scx = this.#scx;
    if (node < -1 || node >= this.#machine.topology.nodes) return errno.invalid;
    if (high >= dsqBuiltinBit) return errno.invalid;
    if (scx.userDsq(low, high) !== undefined) return errno.exists;
    if (scx.userDsqs >= dsqsMax) return errno.noSpace;
    scx.addUserDsq(new Dsq(dsqKind.user, low, high, -1));
    return 0;
  }

  destroyDsq(low: number, high: number): void {
    const scx = this.#scx;
    const dsq = scx.userDsq(low, high);
    if (dsq === undefined) return;
    if (dsq.length > 0) {
      scxError(scx, `attempting to destroy in-use dsq 0x${hex16(low, high)} (nr=${dsq.length})`);
      return;
    }
    dsq.destroyed = true;
    scx.removeUserDsq(dsq);
  }

  dsqLength(low: number, high: number): number {
    if (high === dsqBuiltinBit && low === dsqLocalLow) {
      return this.#machine.cpu(this.#lockedOrThisCpu()).localDsq.length;
    }
    if ((high & dsqLocalOnBits) >>> 0 === dsqLocalOnBits) {
      if (!this.#validCpu(low | 0)) return errno.noEntry;
      return this.#machine.cpu(low | 0).localDsq.length;
    }
    return this.#scx.userDsq(low, high)?.length ?? errno.noEntry;
  }

  dsqPeek(low: number, high: number): number {
    const scx = this.#scx;
    if (high >= dsqBuiltinBit) {
      scxError(scx, `peek disallowed on builtin DSQ 0x${hex(low, high)}`);
      return -1;
    }
    const dsq = scx.userDsq(low, high);
    if (dsq === undefined) {
      scxError(scx, `peek on non-existent DSQ 0x${hex(low, high)}`);
      return -1;
    }
    return dsq.head === null ? -1 : dsq.head.id;
  }

  dsqIterate(low: number, high: number, reverse: boolean): DsqCursor | null {
    const dsq = this.#scx.userDsq(low, high);
    if (dsq === undefined) return null;
    return new ScxCursor(this.#scx, dsq, reverse, this.#lockedOrThisCpu());
  }

  // scx_bpf_dsq_insert and the like.

  insert(task: number, low: number, high: number, sliceNs: number, flags: number): boolean {
    return this.#insert(task, low, high, sliceNs, flags, false);
  }

  insertVtime(
    task: number,
    low: number,
    high: number,
    sliceNs: number,
    vtimeLow: number,
    vtimeHigh: number,
    flags: number,
  ): boolean {
    if (this.#taskOrNull(task) !== null) this.#scx.state.setVtime(task, vtimeLow, vtimeHigh);
    return this.#insert(task, low, high, sliceNs, flags, true);
  }

  #insert(
    id: number,
    low: number,
    high: number,
    sliceNs: number,
    wanted: number,
    byVtime: boolean,
  ): boolean {
    const scx = this.#scx;
    const task = this.#taskOrNull(id);
    if (task === null) {
      scxError(scx, "called with NULL task");
      return false;
    }
    // scx_vet_enq_flags.
    const local = high >= dsqLocalOnBits || (high === dsqBuiltinBit && low === dsqLocalLow);
    let flags = wanted;
    if ((flags & enq.immediate) !== 0) {
      if (!local) {
        scxError(scx, `SCX_ENQ_IMMED on a non-local DSQ 0x${hex(low, high)}`);
        return false;
      }
    } else if (local && (scx.flags & alwaysImmediate) !== 0) flags |= enq.immediate;
    if (sliceNs > 0) scx.state.setSlice(id, sliceNs);
    else if (scx.state.slice(id) === 0) scx.state.setSlice(id, 1);
    this.#commit(task, low, high, flags, byVtime);
    return true;
  }

  /** scx_dsq_insert_commit. */
  #commit(task: Task, low: number, high: number, flags: number, byVtime: boolean): void {
    const scx = this.#scx;
    if (scx.directTask !== null) {
      this.#markDirect(task, low, high, flags, byVtime);
      return;
    }
    const at = scx.bufferLength;
    if (at >= scx.dispatchBatchMax) {
      scxError(scx, "dispatch buffer overflow");
      return;
    }
    scx.bufferTask[at] = task;
    scx.bufferSequence[at] = task.queueSequence;
    scx.bufferLow[at] = low;
    scx.bufferHigh[at] = high;
    scx.bufferFlags[at] = flags;
    scx.bufferByVtime[at] = byVtime ? 1 : 0;
    // A task that is not queued has no sequence to match: finish_dispatch drops it either way.
    if (task.opsState === opsState.none) scx.bufferSequence[at] = -1;
    scx.bufferLength = at + 1;
  }

  /** mark_direct_dispatch. */
  #markDirect(task: Task, low: number, high: number, flags: number, byVtime: boolean): void {
    const scx = this.#scx;
    const expected = scx.directTask as Task;
    if (scx.directSpoilt) {
      scxError(scx, `${named(task)} already direct-dispatched`);
      return;
    }
    scx.directSpoilt = true;
    if (task !== expected) {
      scxError(
        scx,
        `scheduling for ${named(expected)} but trying to direct-dispatch ${named(task)}`,
      );
      return;
    }
    task.directSet = true;
    task.directLow = low;
    task.directHigh = high;
    task.directFlags = flags;
    task.directByVtime = byVtime;
  }

  moveToLocal(low: number, high: number, flags: number): boolean {
    const scx = this.#scx;
    const cpu = scx.dispatchCpu;
    if (cpu === null) return false;
    flushDispatchBuffer(scx, cpu);
    const dsq = scx.userDsq(low, high);
    if (dsq === undefined) {
      scxError(scx, `invalid DSQ ID 0x${hex16(low, high)}`);
      return false;
    }
    const extra = (scx.flags & alwaysImmediate) !== 0 ? enq.immediate : 0;
    if (!consume(scx, cpu, dsq, flags | extra)) return false;
    scx.dispatched++;
    return true;
  }

  dispatchSlots(): number {
    return this.#scx.dispatchBatchMax - this.#scx.bufferLength;
  }

  dispatchCancel(): void {
    if (this.#scx.bufferLength > 0) this.#scx.bufferLength--;
    else scxError(this.#scx, "dispatch buffer underflow");
  }

  /** At once in ops.cpu_release; elsewhere (scx_bpf_reenqueue_local___v2) when the run queue is free. */
  reenqueueLocal(): number {
    const cpu = this.#machine.cpu(this.#lockedOrThisCpu());
    if (this.#scx.inCpuRelease) return reenqueueLocal(this.#scx, cpu, true);
    scheduleReenqueue(this.#scx, cpu, true);
    return 0;
  }

  // Idle CPUs.

  selectCpuDefault(
    task: number,
    previousCpu: number,
    wakeFlags: number,
  ): { cpu: number; idle: boolean } {
    const cpu = this.#selectFromKfunc(task, previousCpu, wakeFlags, null, 0);
    return cpu >= 0 ? { cpu, idle: true } : { cpu: previousCpu, idle: false };
  }

  selectCpuAnd(
    task: number,
    previousCpu: number,
    wakeFlags: number,
    allowed: (cpu: number) => boolean,
    flags: number,
  ): number {
    return this.#selectFromKfunc(task, previousCpu, wakeFlags, allowed, flags);
  }

  /** select_cpu_from_kfunc. */
  #selectFromKfunc(
    id: number,
    previousCpu: number,
    wakeFlags: number,
    allowed: ((cpu: number) => boolean) | null,
    flags: number,
  ): number {
    const scx = this.#scx;
    const task = this.#taskOrNull(id);
    if (task === null || !this.#validCpu(previousCpu)) return errno.invalid;
    if (!this.#builtinIdleEnabled()) return errno.busy;
    if (scx.inSelectCpu) {
      if (task !== scx.operatedTask) {
        scxError(scx, "called on a task not being operated on");
        return errno.invalid;
      }
    } else if (scx.lockedCpu >= 0 && task.cpu !== scx.lockedCpu) {
      scxError(scx, `select_cpu kfunc called cross-task on ${named(task)}`);
      return errno.invalid;
    }
    // allowed ?: p->cpus_ptr
    const bits = allowed === null ? task.allowed.bits : this.#mask(allowed, task.allowed.bits);
    if (task.allowed.count !== 1) return selectDefault(scx, bits, previousCpu, wakeFlags, flags);
    return bits[previousCpu] === 1 && testAndClear(scx, previousCpu) ? previousCpu : errno.busy;
  }

  pickIdleCpu(allowed: (cpu: number) => boolean, flags: number): number {
    if (!this.#builtinIdleEnabled() || this.#scx.idleCount === 0) return errno.busy;
    return pickIdle(this.#scx, this.#mask(allowed, null), flags);
  }

  pickAnyCpu(allowed: (cpu: number) => boolean, flags: number): number {
    return pickAny(this.#scx, this.#mask(allowed, null), flags);
  }

  /** A cpumask from the policy, cut to `within`. */
  #mask(allowed: (cpu: number) => boolean, within: Uint8Array | null): Uint8Array {
    const mask = this.#scratchMask;
    for (let cpu = 0; cpu < mask.length; cpu++) {
      mask[cpu] = (within === null || within[cpu] === 1) && allowed(cpu) ? 1 : 0;
    }
    return mask;
  }

  testAndClearIdle(cpu: number): boolean {
    return this.#builtinIdleEnabled() && this.#validCpu(cpu) && testAndClear(this.#scx, cpu);
  }

  isIdle(cpu: number): boolean {
    return this.#scx.idleCpu[cpu] === 1;
  }

  isCoreIdle(cpu: number): boolean {
    return this.#machine.topology.smt
      ? this.#scx.idleCore[cpu] === 1
      : this.#scx.idleCpu[cpu] === 1;
  }

  // Tasks and CPUs.

  kick(cpu: number, flags: number): void {
    if (this.#validCpu(cpu)) requestKick(this.#scx, cpu, flags);
  }

  taskRunning(task: number): boolean {
    const found = this.#taskOrNull(task);
    return found !== null && this.#machine.cpu(found.cpu).current === found;
  }

  taskCpu(task: number): number {
    return this.#taskOrNull(task)?.cpu ?? errno.invalid;
  }

  cpuCurrent(cpu: number): number {
    const current = this.#machine.cpus[cpu]?.current;
    return current === null || current === undefined ? -1 : current.id;
  }

  isOnline(cpu: number): boolean {
    return this.#machine.cpus[cpu]?.online === true;
  }

  isAllowed(task: number, cpu: number): boolean {
    return this.#taskOrNull(task)?.allowed.bits[cpu] === 1;
  }

  cgroupOf(task: number): number {
    return this.#taskOrNull(task)?.cgroup ?? 0;
  }

  setSlice(task: number, ns: number): boolean {
    if (this.#taskOrNull(task) === null) return false;
    this.#scx.state.setSlice(task, ns);
    return true;
  }

  setVtime(task: number, low: number, high: number): boolean {
    if (this.#taskOrNull(task) === null) return false;
    this.#scx.state.setVtime(task, low, high);
    return true;
  }

  taskFromPid(pid: number): number {
    const first = this.#machine.tasks[0];
    if (first === undefined) return -1;
    const task = this.#machine.tasks[pid - first.pid];
    return task === undefined || task.exitedNs >= 0 ? -1 : task.id;
  }

  cpuperfCapacity(cpu: number): number {
    if (!this.#validCpu(cpu)) return performanceFull;
    return this.#machine.topology.capacityOf[cpu] as number;
  }

  cpuperfCurrent(cpu: number): number {
    return this.#validCpu(cpu) ? this.#machine.cpu(cpu).performance : performanceFull;
  }

  /** Frequencies are not simulated: the value is kept and has no effect. */
  cpuperfSet(cpu: number, performance: number): void {
    const scx = this.#scx;
    if (performance > performanceFull) {
      scxError(scx, `Invalid cpuperf target ${performance} for CPU ${cpu}`);
    } else if (this.#validCpu(cpu)) {
      if (scx.lockedCpu >= 0 && scx.lockedCpu !== cpu) scxError(scx, `Invalid target CPU ${cpu}`);
      else this.#machine.cpu(cpu).performance = performance;
    }
  }

  fail(message: string): void {
    claimExit(this.#scx, exitKind.errorByBpf, 0, message);
  }

  leave(code: number, message: string): void {
    claimExit(this.#scx, exitKind.unregisteredByBpf, code, message);
  }

  runtimeError(message: string): void {
    scxError(this.#scx, message);
  }

  random(): number {
    this.#machine.randomState = step(this.#machine.randomState);
    return mix(this.#machine.randomState);
  }

  startTimer(atNs: number, fire: () => void): number {
    const slot = this.#machine.queue.allocate(timer.policy, this.#machine.thisCpu);
    this.#machine.queue.arm(slot, Math.max(this.#machine.now, atNs - uptimeAtStartNs));
    this.#scx.timers.set(slot, fire);
    return slot;
  }

  cancelTimer(handle: number): boolean {
    if (!this.#scx.timers.delete(handle)) return false;
    this.#machine.queue.release(handle);
    return true;
  }

  #taskOrNull(id: number): Task | null {
    return this.#machine.tasks[id] ?? null;
  }

  #lockedOrThisCpu(): number {
    return this.#scx.lockedCpu >= 0 ? this.#scx.lockedCpu : this.#machine.thisCpu;
  }

  /** scx_cpu_valid. */
  #validCpu(cpu: number): boolean {
    if (cpu >= 0 && cpu < this.cpus) return true;
    scxError(this.#scx, `invalid CPU ${cpu}`);
    return false;
  }

  #builtinIdleEnabled(): boolean {
    if (this.#scx.builtinIdle) return true;
    scxError(this.#scx, "built-in idle tracking is disabled");
    return false;
  }
}

/** SCX_OPS_ALWAYS_ENQ_IMMED. */
const alwaysImmediate = 128;
