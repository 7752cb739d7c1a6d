// What the simulated machine tells whoever watches: checks, statistics, traces. Called synchronously, in
// order of virtual time, by whichever scheduler runs (a policy or the model of the default one); an
// observer reads and may not call back. Tasks and CPUs are indices, times ns.

import type { OpName, PolicyExit } from "./policy-ops.ts";

export interface TaskStart {
  /** Index into Scenario.tasks, and which of its `count` it is (forked ones count on). */
  spec: number;
  instance: number;
  pid: number;
  comm: string;
  /** Weight as sched_ext has it (1..10000), from nice. */
  weight: number;
  cpus: readonly number[];
}

/** All methods are optional: nobody pays for what nobody watches. */
export interface Observer {
  taskStarted?(now: number, task: number, start: TaskStart): void;
  taskExited?(now: number, task: number): void;
  /** Wants a CPU from now on: woken or new. */
  woken?(now: number, task: number, cpu: number, waker: number): void;
  /** Has a CPU. */
  running?(now: number, task: number, cpu: number): void;
  /** Lost its CPU; `runnable`: it still wants one (slice over, preempted, yielded). */
  stopped?(now: number, task: number, cpu: number, runnable: boolean): void;
  /** Lies in a DSQ: its id's halves; a local DSQ has the kernel's number SCX_DSQ_LOCAL_ON | cpu. */
  queued?(now: number, task: number, dsqLow: number, dsqHigh: number): void;
  /** Left to the policy's own care (enqueue returned without inserting it anywhere). */
  heldByPolicy?(now: number, task: number): void;
  /** No task of the scheduling class under test runs there (a real-time task may: `realtime`). */
  idle?(now: number, cpu: number, realtime: boolean): void;
  busy?(now: number, cpu: number): void;
  online?(now: number, cpu: number, isOnline: boolean): void;
  weightChanged?(now: number, task: number, weight: number): void;
  affinityChanged?(now: number, task: number, cpus: readonly number[]): void;
  /** The core refused a wrong CPU (LOCAL_ON to one not allowed, or the like) before it became an exit. */
  misplaced?(now: number, task: number, cpu: number): void;
  /** scx_bpf_kick_cpu, when it takes effect; `preempt`: SCX_KICK_PREEMPT. */
  kicked?(now: number, cpu: number, preempt: boolean): void;
  /** Before each callback of the policy. */
  callback?(now: number, op: OpName, task: number, cpu: number): void;
  exited?(now: number, exit: PolicyExit): void;
}
