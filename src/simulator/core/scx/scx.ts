// State of the sched_ext core for one policy (struct scx_sched and the per-CPU variables of
// kernel/sched/ext/ext.c), and the one place where its ops are called. The rules are in the files beside
// this one, each named after what it does and naming the kernel functions that it follows.

import {
  dispatchBatchDefault,
  sliceDefaultNs,
  tickNs,
  uptimeAtStartNs,
  watchdogTimeoutMaxMs,
} from "../constants.ts";
import type { Cpu } from "../cpu.ts";
import { Dsq, dsqBuiltinBit, dsqGlobalLow, dsqKind } from "../dsq.ts";
import { type Machine, timer } from "../machine.ts";
import { type OpName, opsFlags, type PolicyExit, type PolicyOps } from "../policy-ops.ts";
import type { Task } from "../task.ts";
import type { VisibleState } from "../visible-state.ts";

/** Limits of the simulator, not the kernel's, against a policy that makes queues without end. */
export const dsqsMax = 65_536;

export class Scx {
  readonly machine: Machine;
  readonly ops: PolicyOps;
  readonly state: VisibleState;
  readonly flags: number;
  /** Which ops the policy has: SCX_HAS_OP, read on hot paths. */
  readonly has: { readonly [op in OpName]: boolean };
  readonly partial: boolean;
  readonly dispatchBatchMax: number;
  readonly watchdogTimeoutNs: number;
  readonly watchdogSlot: number;
  readonly disableSlot: number;
  readonly bypassBalanceSlot: number;

  /** scx_enabled(): tasks may be in the class. Until then, and after, only init and exit are called. */
  enabled = false;
  /** The policy is gone for good. */
  disabled = false;
  exit: PolicyExit | null = null;
  exitNs = -1;
  aborting = false;
  bypassing = false;
  sliceDefaultNs = sliceDefaultNs;
  cgroupsInitialised: number[] = [];

  // Queues.
  readonly globalDsqs: Dsq[];
  readonly #smallDsqs = new Map<number, Dsq>();
  readonly #largeDsqs = new Map<string, Dsq>();
  openCursorDsqs: Dsq[] = [];

  // The dispatch buffer (struct scx_dsp_ctx).
  bufferLength = 0;
  readonly bufferTask: Task[] = [];
  readonly bufferSequence: Int32Array;
  readonly bufferLow: Uint32Array;
  readonly bufferHigh: Uint32Array;
  readonly bufferFlags: Int32Array;
  readonly bufferByVtime: Uint8Array;
  dispatched = 0;
  dispatchCpu: Cpu | null = null;

  /** Per-CPU direct_dispatch_task: the task on the enqueue path; spoilt once it was dispatched. */
  directTask: Task | null = null;
  directSpoilt = false;
  inSelectCpu = false;
  inCpuRelease = false;
  /** kf_tasks[0]. */
  operatedTask: Task | null = null;
  /** scx_locked_rq(): whose run queue the running op holds; -1. */
  lockedCpu = -1;

  // Built-in idle tracking (kernel/sched/ext/idle.c).
  readonly builtinIdle: boolean;
  readonly perNode: boolean;
  readonly idleCpu: Uint8Array;
  readonly idleCore: Uint8Array;
  idleCount: number;
  topologyLlc = false;
  topologyNode = false;

  readonly timers = new Map<number, () => void>();

  constructor(machine: Machine, ops: PolicyOps, state: VisibleState) {
    this.machine = machine;
    this.ops = ops;
    this.state = state;
    this.flags = ops.settings.flags;
    this.has = hasTable(ops);
    this.partial = (this.flags & opsFlags.switchPartial) !== 0;
    const batch = ops.settings.dispatchMaxBatch;
    this.dispatchBatchMax = batch > 0 ? batch : dispatchBatchDefault;
    this.bufferSequence = new Int32Array(this.dispatchBatchMax);
    this.bufferLow = new Uint32Array(this.dispatchBatchMax);
    this.bufferHigh = new Uint32Array(this.dispatchBatchMax);
    this.bufferFlags = new Int32Array(this.dispatchBatchMax);
    this.bufferByVtime = new Uint8Array(this.dispatchBatchMax);
    const timeoutMs = ops.settings.timeoutMs;
    this.watchdogTimeoutNs = (timeoutMs > 0 ? timeoutMs : watchdogTimeoutMaxMs) * 1_000_000;
    this.watchdogSlot = machine.queue.allocate(timer.watchdog, 0);
    this.disableSlot = machine.queue.allocate(timer.disable, 0);
    this.bypassBalanceSlot = machine.queue.allocate(timer.bypassBalance, 0);
    this.globalDsqs = Array.from(
      { length: machine.topology.nodes },
      () => new Dsq(dsqKind.global, dsqGlobalLow, dsqBuiltinBit, -1),
    );
    // scx_idle_enable: a policy with update_idle of its own turns the built-in tracking off.
    this.builtinIdle =
      !ops.defined.has("update_idle") || (this.flags & opsFlags.keepBuiltinIdle) !== 0;
    this.perNode = (this.flags & opsFlags.builtinIdlePerNode) !== 0;
    const cpus = machine.topology.cpus;
    // reset_idle_masks: all online CPUs count as idle at first.
    this.idleCpu = new Uint8Array(cpus).fill(1);
    this.idleCore = new Uint8Array(cpus).fill(1);
    this.idleCount = cpus;
  }

  /** The kernel's tick counter at a virtual time, counted from boot. */
  jiffies(ns: number): number {
    return Math.floor((ns + uptimeAtStartNs) / tickNs);
  }

  /** find_user_dsq. */
  userDsq(low: number, high: number): Dsq | undefined {
    return high === 0 ? this.#smallDsqs.get(low) : this.#largeDsqs.get(`${high}:${low}`);
  }

  addUserDsq(dsq: Dsq): void {
    if (dsq.high === 0) this.#smallDsqs.set(dsq.low, dsq);
    else this.#largeDsqs.set(`${dsq.high}:${dsq.low}`, dsq);
  }

  removeUserDsq(dsq: Dsq): void {
    if (dsq.high === 0) this.#smallDsqs.delete(dsq.low);
    else this.#largeDsqs.delete(`${dsq.high}:${dsq.low}`);
  }

  get userDsqs(): number {
    return this.#smallDsqs.size + this.#largeDsqs.size;
  }

  /** Before an op: tells the observer. `cpu`: the one that the op is about, or where it runs. */
  entering(op: OpName, task: number, cpu: number): void {
    const observer = this.machine.observer;
    if (observer.callback !== undefined) observer.callback(this.machine.now, op, task, cpu);
  }

  /** After an op that may have iterated: its iterators are over. */
  closeCursors(): void {
    if (this.openCursorDsqs.length === 0) return;
    for (const dsq of this.openCursorDsqs) dsq.cursors.length = 0;
    this.openCursorDsqs.length = 0;
  }
}

function hasTable(ops: PolicyOps): { readonly [op in OpName]: boolean } {
  const has = (op: OpName): boolean => ops.defined.has(op);
  return {
    select_cpu: has("select_cpu"),
    enqueue: has("enqueue"),
    dequeue: has("dequeue"),
    dispatch: has("dispatch"),
    tick: has("tick"),
    runnable: has("runnable"),
    running: has("running"),
    stopping: has("stopping"),
    quiescent: has("quiescent"),
    yield: has("yield"),
    core_sched_before: has("core_sched_before"),
    set_weight: has("set_weight"),
    set_cpumask: has("set_cpumask"),
    update_idle: has("update_idle"),
    cpu_acquire: has("cpu_acquire"),
    cpu_release: has("cpu_release"),
    init_task: has("init_task"),
    exit_task: has("exit_task"),
    enable: has("enable"),
    disable: has("disable"),
    cgroup_init: has("cgroup_init"),
    cgroup_exit: has("cgroup_exit"),
    cgroup_prep_move: has("cgroup_prep_move"),
    cgroup_move: has("cgroup_move"),
    cgroup_cancel_move: has("cgroup_cancel_move"),
    cgroup_set_weight: has("cgroup_set_weight"),
    cgroup_set_bandwidth: has("cgroup_set_bandwidth"),
    cgroup_set_idle: has("cgroup_set_idle"),
    cpu_online: has("cpu_online"),
    cpu_offline: has("cpu_offline"),
    init: has("init"),
    exit: has("exit"),
  };
}
