// sched_ext_ops as the core calls it. Implemented by runtime/ over a translated BPF object, and by small
// native policies in the core's own tests. Tasks, CPUs and cgroups are indices; -1 is none.

/** Every op and its number: a bit of a word, an index. */
export const opIndex = {
  select_cpu: 0,
  enqueue: 1,
  dequeue: 2,
  dispatch: 3,
  tick: 4,
  runnable: 5,
  running: 6,
  stopping: 7,
  quiescent: 8,
  yield: 9,
  core_sched_before: 10,
  set_weight: 11,
  set_cpumask: 12,
  update_idle: 13,
  cpu_acquire: 14,
  cpu_release: 15,
  init_task: 16,
  exit_task: 17,
  enable: 18,
  disable: 19,
  cgroup_init: 20,
  cgroup_exit: 21,
  cgroup_prep_move: 22,
  cgroup_move: 23,
  cgroup_cancel_move: 24,
  cgroup_set_weight: 25,
  cgroup_set_bandwidth: 26,
  cgroup_set_idle: 27,
  cpu_online: 28,
  cpu_offline: 29,
  init: 30,
  exit: 31,
} as const;
export type OpName = keyof typeof opIndex;
export const opNames = Object.keys(opIndex) as readonly OpName[];

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
