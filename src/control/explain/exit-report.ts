// What a kernel told of a scheduler that left: its dump (scx_dump_state(), scx_dump_cpu(), scx_dump_task() in
// kernel/sched/ext, as of 6.12 to 7.2), the lines that it logs (scx_log_sched_disable()), and the line that
// most schedulers print of it. Fields come and go between kernels, and any part can be
// missing or cut off. exit-reader.ts reads it; every text in it is untrusted.

export interface ExitHead {
  /** Name of the ops; null where it is not told. */
  scheduler: string | null;
  /** enum scx_exit_kind; null where only words are there. */
  kind: number | null;
  /** The kernel's words for the kind: `runnable task stall`. */
  reason: string;
  /** What exactly: `victim[160] failed to run for 2.316s`. */
  message: string;
  /** Name of the task that was on the CPU then; null where it is not told. */
  during: string | null;
  backtrace: string[];
}

export interface DumpedTask {
  comm: string;
  pid: number;
  /** Was on the CPU when the dump was made. */
  current: boolean;
  /** For how long it had been runnable, ms. */
  waitedMs: number;
  /** Null where it was in none of the kernel's queues. */
  dsq: bigint | null;
  /** In the policy's hands: SCX_OPSS_QUEUED. */
  ownedByPolicy: boolean;
  /** Ordered by virtual time in its queue (SCX_TASK_DSQ_ON_PRIQ). */
  byVtime: boolean;
  vtime: bigint | null;
  slice: bigint | null;
  weight: number | null;
  /** CPUs that it may use; null where it is not told. */
  cpus: number[] | null;
}

export interface DumpedCpu {
  cpu: number;
  currentComm: string;
  currentPid: number;
  /** `ext_sched_class`, `rt_sched_class`, `idle_sched_class`, …; empty where it was cut off. */
  currentClass: string;
  tasks: DumpedTask[];
}

export interface ExitReport {
  /** In the order of the text. */
  exits: ExitHead[];
  /** Of the last dump; CPUs that were idle and had nothing to run are not in it. */
  cpus: DumpedCpu[];
  hasDump: boolean;
  truncated: boolean;
  /** Other lines of the log that bear on it. */
  remarks: string[];
}
