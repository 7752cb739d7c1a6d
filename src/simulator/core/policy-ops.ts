// sched_ext_ops as the core calls it. Implemented by runtime/ over a translated BPF object, and by small
// native policies in the core's own tests. Tasks, CPUs and cgroups are indices; -1 is none.

export const opNames = [
  "select_cpu",
  "enqueue",
  "dequeue",
  "dispatch",
  "tick",
  "runnable",
  "running",
  "stopping",
  "quiescent",
  "yield",
  "core_sched_before",
  "set_weight",
  "set_cpumask",
  "update_idle",
  "cpu_acquire",
  "cpu_release",
  "init_task",
  "exit_task",
  "enable",
  "disable",
  "cgroup_init",
  "cgroup_exit",
  "cgroup_prep_move",
  "cgroup_move",
  "cgroup_cancel_move",
  "cgroup_set_weight",
  "cgroup_set_bandwidth",
  "cgroup_set_idle",
  "cpu_online",
  "cpu_offline",
  "init",
  "exit",
] as const;
export type OpName = (typeof opNames)[number];

/** SCX_OPS_*, the kernel's numbers. */
export const opsFlags = {
  keepBuiltinIdle: 1,
  enqLast: 2,
  enqExiting: 4,
  switchPartial: 8,
  enqMigrationDisabled: 16,
  allowQueuedWakeup: 32,
  builtinIdlePerNode: 64,
} as const;

/** Why a scheduler left: the kernel's enum scx_exit_kind and its words. */
export interface PolicyExit {
  kind: number;
  code: number;
  /** scx_exit_reason(): "runtime error", "scx_bpf_error", "runnable task stall", … */
  reason: string;
  message: string;
}

/** The data members of struct sched_ext_ops. */
export interface OpsSettings {
  name: string;
  flags: number;
  /** 0: the kernel's maximum, 30,000. */
  timeoutMs: number;
  /** 0: the kernel's default, 32. */
  dispatchMaxBatch: number;
}

/** Errno results are 0 or negative, as in the kernel. Only ops in `defined` may be called. */
export interface PolicyOps {
  readonly defined: ReadonlySet<OpName>;
  readonly settings: OpsSettings;
  selectCpu(task: number, prevCpu: number, wakeFlags: number): number;
  enqueue(task: number, enqFlags: number): void;
  dequeue(task: number, deqFlags: number): void;
  dispatch(cpu: number, prev: number): void;
  tick(task: number): void;
  runnable(task: number, enqFlags: number): void;
  running(task: number): void;
  stopping(task: number, runnable: boolean): void;
  quiescent(task: number, deqFlags: number): void;
  yield(from: number, to: number): boolean;
  coreSchedBefore(a: number, b: number): boolean;
  setWeight(task: number, weight: number): void;
  setCpumask(task: number): void;
  updateIdle(cpu: number, idle: boolean): void;
  cpuAcquire(cpu: number): void;
  cpuRelease(cpu: number, reason: number): void;
  initTask(task: number, fork: boolean): number;
  exitTask(task: number, cancelled: boolean): void;
  enable(task: number): void;
  disable(task: number): void;
  cgroupInit(cgroup: number): number;
  cgroupExit(cgroup: number): void;
  cgroupPrepMove(task: number, from: number, to: number): number;
  cgroupMove(task: number, from: number, to: number): void;
  cgroupCancelMove(task: number, from: number, to: number): void;
  cgroupSetWeight(cgroup: number, weight: number): void;
  cgroupSetBandwidth(cgroup: number, periodUs: number, quotaUs: number, burstUs: number): void;
  cgroupSetIdle(cgroup: number, idle: boolean): void;
  cpuOnline(cpu: number): void;
  cpuOffline(cpu: number): void;
  init(): number;
  exit(exit: PolicyExit): void;
}
