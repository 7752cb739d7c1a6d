// A simulated CPU and its run queue (struct rq): what runs there, what it has to do next, its timers, and
// the accounts of its time.

import type { FairQueue } from "../baseline/fair-queue.ts";
import { Dsq, dsqBuiltinBit, dsqBypassLow, dsqKind, dsqLocalOnBits } from "./dsq.ts";
import type { Task } from "./task.ts";

export const cpuMode = { idle: 0, task: 1, realtime: 2, offline: 3 } as const;

export class Cpu {
  readonly id: number;
  /** Work per ns of a task: capacity ÷ 1024. */
  readonly capacity: number;

  current: Task | null = null;
  /** Idle, a task, or a real-time hog, which is no task of the scenario. */
  mode: number = cpuMode.idle;
  online = true;
  needResched = false;
  /** TIF_NEED_RESCHED_LAZY: at the next return to user mode. */
  needReschedLazy = false;
  /** Since when the present task's time is accounted (p->se.exec_start); for idle, the present stretch. */
  sinceNs = 0;

  /** When its last context switch was over. */
  switchedNs = 0;
  /** End of the present run step; the tick; a resched from elsewhere; the hog. */
  runEndSlot = -1;
  tickSlot = -1;
  reschedSlot = -1;
  realtimeSlot = -1;

  // Real-time hog.
  hogUntilNs = 0;
  /** The deadline server gives this CPU to starved tasks at the moment. */
  serverActive = false;

  // Default scheduler: the root of its tree of queues, and every group's.
  fair!: FairQueue;
  readonly fairGroups: (FairQueue | undefined)[] = [];
  fairRunnable = 0;
  fairNextBalanceNs = 0;

  // sched_ext: struct scx_rq.
  readonly localDsq: Dsq;
  readonly bypassDsq: Dsq;
  scxRunnable = 0;
  /** SCX_RQ_ONLINE, SCX_RQ_IN_BALANCE. */
  scxOnline = true;
  inBalance = false;
  released = false;
  immediateTasks = 0;
  extraEnqFlags = 0;
  runnableHead: Task | null = null;
  runnableTail: Task | null = null;
  deferredHead: Task | null = null;
  deferredTail: Task | null = null;
  reenqueuePending = false;
  reenqueueAny = false;
  /** Kicks that its callbacks asked for: CPU → flags, and which CPUs. */
  readonly kickFlags: Uint8Array;
  kicked: number[] = [];
  distributePrevious = 0;
  performance = 1024;

  // Accounts, ns.
  busyNs = 0;
  idleNs = 0;
  overheadNs = 0;
  realtimeNs = 0;
  offlineNs = 0;
  switches = 0;

  constructor(id: number, capacity: number, cpus: number) {
    this.id = id;
    this.capacity = capacity;
    this.localDsq = new Dsq(dsqKind.local, id, dsqLocalOnBits, id);
    this.bypassDsq = new Dsq(dsqKind.bypass, dsqBypassLow, dsqBuiltinBit, id);
    this.kickFlags = new Uint8Array(cpus);
  }
}
