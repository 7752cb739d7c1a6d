// A simulated task_struct: what the core, sched_ext and the default scheduler keep of a task. Plain
// fields, links to other tasks instead of lists of their own: nothing is allocated while tasks move.
// Objects and not columns: a task's fields are used together, and one object is one place in memory.

import type { FairEntity } from "../baseline/fair-entity.ts";
import type { CpuSet } from "./cpu-set.ts";
import type { Dsq } from "./dsq.ts";
import type { Program } from "./program.ts";

export const taskState = { embryo: 0, runnable: 1, sleeping: 2, dead: 3 } as const;
export const taskClass = { fair: 0, ext: 1 } as const;

/** p->scx.flags, the kernel's bits (enum scx_ent_flags). */
export const scxFlag = {
  queued: 1,
  inCustody: 2,
  resetRunnableAt: 4,
  dequeuedForSleep: 8,
  immediate: 32,
  stateMask: 0x700,
} as const;
/** The task's state under a policy: part of p->scx.flags. */
export const scxState = { none: 0, init: 0x200, ready: 0x300, enabled: 0x400 } as const;

/** p->scx.ops_state. */
export const opsState = { none: 0, queueing: 1, queued: 2, dispatching: 3 } as const;

export class Task {
  readonly id: number;
  readonly pid: number;
  readonly spec: number;
  readonly instance: number;
  readonly background: boolean;
  readonly kernelThread: boolean;
  readonly program: Program;
  readonly parent: Task | null;
  comm: string;
  policy: number;

  // The program.
  counter = 0;
  loop: boolean;
  loops: Int32Array;
  random: number;
  /** Work left of the present run step: ns on a CPU of capacity 1024. */
  remainingNs = 0;
  /** Time that the CPU spends for the task before it gets on: switches, cold caches, system calls. */
  debtNs = 0;
  children = 0;
  joining = false;
  /** Next waiter of the same channel. */
  waiterNext: Task | null = null;
  timerSlot = -1;

  // The scheduler's core.
  state: number = taskState.embryo;
  class: number = taskClass.fair;
  cpu = 0;
  /** It is some CPU's current task. */
  onCpu = false;
  /** p->on_rq: its class counts it as runnable. */
  onRq = false;
  exiting = false;
  /** exit_notify is done: its parent has been told. */
  parentTold = false;
  nice: number;
  /** sched_prio_to_weight of its nice value, 3 for SCHED_IDLE. */
  loadWeight = 1024;
  /** p->scx.weight. */
  weight = 100;
  allowed: CpuSet;
  cgroup: number;
  sumExecNs = 0;

  // sched_ext: struct sched_ext_entity.
  scx: number = scxFlag.resetRunnableAt;
  opsState: number = opsState.none;
  queueSequence = 0;
  dsq: Dsq | null = null;
  dsqPrevious: Task | null = null;
  dsqNext: Task | null = null;
  dsqSequence = 0;
  /** In the DSQ's tree: by vtime as it was at insertion. */
  onTree = false;
  keyLow = 0;
  keyHigh = 0;
  treeLeft: Task | null = null;
  treeRight: Task | null = null;
  treeUp: Task | null = null;
  treePriority = 0;
  /** p->scx.ddsp_*: a direct dispatch that waits to be carried out. */
  directSet = false;
  directLow = 0;
  directHigh = 0;
  directFlags = 0;
  directByVtime = false;
  /** Waits on a CPU's list of direct dispatches to other CPUs. */
  deferred = false;
  stickyCpu = -1;
  runnableAtNs = 0;
  runnablePrevious: Task | null = null;
  runnableNext: Task | null = null;
  onRunnableList = false;

  /** Its place in the default scheduler's tree; made when it first belongs there. */
  fair: FairEntity | null = null;

  // Statistics.
  startedNs = 0;
  exitedNs = -1;
  lastCpu = -1;
  /** When it last left a CPU; -1. */
  lastRanNs = -1;
  waitingSinceNs = -1;
  waitedNs = 0;
  waitedMaxNs = 0;
  ranNs = 0;
  runs = 0;
  migrations = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;

  constructor(facts: {
    id: number;
    pid: number;
    spec: number;
    instance: number;
    background: boolean;
    kernelThread: boolean;
    program: Program;
    parent: Task | null;
    comm: string;
    policy: number;
    loop: boolean;
    random: number;
    nice: number;
    allowed: CpuSet;
    cgroup: number;
  }) {
    this.id = facts.id;
    this.pid = facts.pid;
    this.spec = facts.spec;
    this.instance = facts.instance;
    this.background = facts.background;
    this.kernelThread = facts.kernelThread;
    this.program = facts.program;
    this.parent = facts.parent;
    this.comm = facts.comm;
    this.policy = facts.policy;
    this.loop = facts.loop;
    this.random = facts.random;
    this.nice = facts.nice;
    this.allowed = facts.allowed;
    this.cgroup = facts.cgroup;
    this.loops = facts.program.counters === 0 ? noLoops : new Int32Array(facts.program.counters);
  }
}

const noLoops = new Int32Array(0);
