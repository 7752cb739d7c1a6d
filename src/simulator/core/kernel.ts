// What kfuncs ask of the simulated kernel. Implemented by the core; called by runtime/ (kfuncs of a
// translated policy) and by the native policies of tests, only from inside a callback.
//
// 64-bit ids and virtual times come as unsigned 32-bit halves: no BigInt is made on the way. A user DSQ
// is named by its id; SCX_DSQ_LOCAL, _GLOBAL, _LOCAL_ON|cpu by the kernel's numbers. Wrong use is what it
// is in the kernel: an exit of the policy with the kernel's words (`exit` becomes set; the callback goes
// on), an errno, or false.

import type { PolicyExit } from "./policy-ops.ts";

/** A cursor of bpf_iter_scx_dsq. Only its maker looks inside. */
export interface DsqCursor {
  /** The next task, -1 at the end. */
  next(): number;
  /** scx_bpf_dsq_move_set_slice and _set_vtime: for the next move alone. */
  setSlice(ns: number): void;
  setVtime(low: number, high: number): void;
  /** scx_bpf_dsq_move(_vtime): whether the task went over. */
  move(task: number, dsqLow: number, dsqHigh: number, enqFlags: number, byVtime: boolean): boolean;
}

export interface Kernel {
  /** Virtual time since boot, ns. What both bpf_ktime_get_ns and scx_bpf_now give here. */
  now(): number;
  readonly cpus: number;
  /** Set once the policy is to leave; the first cause stays. */
  readonly exit: PolicyExit | null;
  /** The CPU on which the running callback executes. */
  currentCpu(): number;
  /** The task that is current there (bpf_get_current_task_btf); -1: the idle task. */
  currentTask(): number;

  createDsq(low: number, high: number, node: number): number;
  destroyDsq(low: number, high: number): void;
  /** Tasks in it; negative errno where there is no such DSQ. */
  dsqLength(low: number, high: number): number;
  /** Its first task without taking it (scx_bpf_dsq_peek); -1 where empty. */
  dsqPeek(low: number, high: number): number;
  /** Null where there is no such DSQ. `reverse`: SCX_DSQ_ITER_REV. */
  dsqIterate(low: number, high: number, reverse: boolean): DsqCursor | null;

  /** scx_bpf_dsq_insert: slice in ns, 0 keeps what the task has left, Infinity is SCX_SLICE_INF. */
  insert(task: number, dsqLow: number, dsqHigh: number, sliceNs: number, enqFlags: number): boolean;
  insertVtime(
    task: number,
    dsqLow: number,
    dsqHigh: number,
    sliceNs: number,
    vtimeLow: number,
    vtimeHigh: number,
    enqFlags: number,
  ): boolean;
  moveToLocal(low: number, high: number, enqFlags: number): boolean;
  dispatchSlots(): number;
  dispatchCancel(): void;
  /** Tasks that were put back. */
  reenqueueLocal(): number;

  /** The built-in idle pick: the CPU, or -1 where none is idle. `allowed` null: the task's own mask. */
  selectCpuDefault(
    task: number,
    prevCpu: number,
    wakeFlags: number,
  ): { cpu: number; idle: boolean };
  /** Negative errno where none is idle. */
  selectCpuAnd(
    task: number,
    prevCpu: number,
    wakeFlags: number,
    allowed: (cpu: number) => boolean,
    flags: number,
  ): number;
  pickIdleCpu(allowed: (cpu: number) => boolean, flags: number): number;
  pickAnyCpu(allowed: (cpu: number) => boolean, flags: number): number;
  testAndClearIdle(cpu: number): boolean;
  isIdle(cpu: number): boolean;
  /** Whether every SMT sibling of its core is idle. */
  isCoreIdle(cpu: number): boolean;

  kick(cpu: number, flags: number): void;
  taskRunning(task: number): boolean;
  taskCpu(task: number): number;
  /** scx_bpf_cpu_curr; -1: the idle task. */
  cpuCurrent(cpu: number): number;
  isOnline(cpu: number): boolean;
  isAllowed(task: number, cpu: number): boolean;
  cgroupOf(task: number): number;
  setSlice(task: number, ns: number): boolean;
  setVtime(task: number, low: number, high: number): boolean;
  /** bpf_task_from_pid; -1 where there is none. */
  taskFromPid(pid: number): number;

  cpuperfCapacity(cpu: number): number;
  cpuperfCurrent(cpu: number): number;
  cpuperfSet(cpu: number, performance: number): void;

  /** scx_bpf_error and scx_bpf_exit, their message formatted. */
  fail(message: string): void;
  leave(code: number, message: string): void;
  /** A runtime error of the core itself or of the sandbox (kind 1024). */
  runtimeError(message: string): void;

  /** Deterministic: bpf_get_prandom_u32. */
  random(): number;
  /** bpf_timer: calls back at `atNs` on the arming CPU; answers a handle for `cancelTimer`. */
  startTimer(atNs: number, fire: () => void): number;
  cancelTimer(handle: number): boolean;
}
