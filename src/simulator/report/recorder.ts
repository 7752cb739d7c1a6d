// Writes down who ran where and who waited, for a trace or a chart: an observer of one simulated run.
// Bounded: at the limit it stops, and says up to when it knows. Called by simulate.ts.

import type { Observer, TaskStart } from "../core/observer.ts";
import type { PolicyExit } from "../core/policy-ops.ts";

/** Spans and marks that one recording holds. */
export const recordingEntriesMax = 200_000;

export interface RecordedTask {
  /** Index into Scenario.tasks, and which of its tasks it is: the same task in another run. */
  spec: number;
  instance: number;
  pid: number;
  /** Entry of the workload (`TaskSpec.entry`). */
  entry: string;
  comm: string;
  weight: number;
  startNs: number;
  /** -1 where it had not exited when the recording ended. */
  exitNs: number;
}

/** Columns of equal length, one row a span: a task on a CPU, or a task that wanted one. */
export interface Spans {
  task: Int32Array;
  /** Where it ran; where it was last, for a wait (-1: nowhere yet). */
  cpu: Int32Array;
  startNs: Float64Array;
  endNs: Float64Array;
}

export const markKinds = ["migration", "kick", "preemption", "task-exit"] as const;
export type MarkKind = (typeof markKinds)[number];

/** Columns of equal length, one row a moment. `kind` is an index into `markKinds`. */
export interface Marks {
  kind: Uint8Array;
  task: Int32Array;
  cpu: Int32Array;
  ns: Float64Array;
}

/** Columns of equal length, one row a change of a queue's length. `queue` is an index into `names`. */
export interface QueueLengths {
  names: string[];
  queue: Uint8Array;
  length: Int32Array;
  ns: Float64Array;
}

/** Queues beyond so many are not told apart. */
const queuesMax = 16;

/** Plain data: it crosses from the confined judge. In order of the spans' ends and of the marks' times. */
export interface Recording {
  /** `default`, or the policy's name. */
  label: string;
  cpus: number;
  tasks: RecordedTask[];
  running: Spans;
  waiting: Spans;
  marks: Marks;
  /** Of the policy's own DSQs and the global one; local ones hold a task for a moment only. */
  queues: QueueLengths;
  makespanNs: number;
  /** Every task that is not in the background exited in time; else `makespanNs` is the run's length. */
  finished: boolean;
  /** Nothing is known after it: the run's end, or where the limit was reached. */
  endNs: number;
  cut: boolean;
  exit: (PolicyExit & { ns: number }) | null;
}

const none = -1;

export class Recorder implements Observer {
  readonly #entryOf: (spec: number) => string;
  readonly #entriesMax: number;
  readonly #tasks: RecordedTask[] = [];
  /** By task: since when it runs or waits (-1: it does not), and where it ran last. */
  readonly #runningSince: number[] = [];
  readonly #waitingSince: number[] = [];
  readonly #cpuOf: number[] = [];
  readonly #running: Rows = { task: [], cpu: [], startNs: [], endNs: [] };
  readonly #waiting: Rows = { task: [], cpu: [], startNs: [], endNs: [] };
  readonly #marks: { kind: number[]; task: number[]; cpu: number[]; ns: number[] } = {
    kind: [],
    task: [],
    cpu: [],
    ns: [],
  };
  readonly #queueNames: string[] = [];
  readonly #queueLengths: number[] = [];
  /** By task: the queue that it lies in; -1: none that is told. */
  readonly #queueOf: number[] = [];
  readonly #changes: { queue: number[]; length: number[]; ns: number[] } = {
    queue: [],
    length: [],
    ns: [],
  };
  #entries = 0;
  #cutNs = none;
  #exit: Recording["exit"] = null;

  constructor(entryOf: (spec: number) => string, entriesMax: number = recordingEntriesMax) {
    this.#entryOf = entryOf;
    this.#entriesMax = entriesMax;
  }

  taskStarted(now: number, task: number, start: TaskStart): void {
    if (this.#isFull(now)) return;
    this.#tasks[task] = {
      spec: start.spec,
      instance: start.instance,
      pid: start.pid,
      entry: this.#entryOf(start.spec),
      comm: start.comm,
      weight: start.weight,
      startNs: now,
      exitNs: none,
    };
    this.#runningSince[task] = none;
    this.#waitingSince[task] = none;
    this.#cpuOf[task] = none;
    this.#queueOf[task] = none;
    this.#entries++;
  }

  taskExited(now: number, task: number): void {
    const recorded = this.#tasks[task];
    if (recorded === undefined || this.#isFull(now)) return;
    this.#endRun(now, task);
    this.#endWait(now, task);
    this.#leaveQueue(now, task);
    recorded.exitNs = now;
    this.#mark(now, "task-exit", task, this.#cpuOf[task] ?? none);
  }

  woken(now: number, task: number): void {
    if (this.#tasks[task] === undefined || this.#isFull(now)) return;
    if (this.#runningSince[task] === none) this.#waitingSince[task] = now;
  }

  running(now: number, task: number, cpu: number): void {
    if (this.#tasks[task] === undefined || this.#isFull(now)) return;
    this.#endWait(now, task);
    this.#leaveQueue(now, task);
    const before = this.#cpuOf[task] ?? none;
    if (before !== none && before !== cpu) this.#mark(now, "migration", task, cpu);
    this.#cpuOf[task] = cpu;
    this.#runningSince[task] = now;
  }

  stopped(now: number, task: number, _cpu: number, runnable: boolean): void {
    if (this.#tasks[task] === undefined || this.#isFull(now)) return;
    this.#endRun(now, task);
    if (runnable) this.#waitingSince[task] = now;
  }

  queued(now: number, task: number, dsqLow: number, dsqHigh: number): void {
    if (this.#tasks[task] === undefined || this.#isFull(now)) return;
    this.#leaveQueue(now, task);
    const queue = this.#queueIndex(dsqLow, dsqHigh);
    if (queue === none) return;
    this.#queueOf[task] = queue;
    this.#changeLength(now, queue, 1);
  }

  heldByPolicy(now: number, task: number): void {
    if (this.#tasks[task] !== undefined && !this.#isFull(now)) this.#leaveQueue(now, task);
  }

  kicked(now: number, cpu: number, preempt: boolean): void {
    if (!this.#isFull(now)) this.#mark(now, preempt ? "preemption" : "kick", none, cpu);
  }

  exited(now: number, exit: PolicyExit): void {
    this.#exit ??= { ...exit, ns: now };
  }

  /** Ends what still runs or waits, at the run's end. Nothing may be observed after it. */
  finish(run: Pick<Recording, "label" | "cpus" | "endNs" | "makespanNs" | "finished">): Recording {
    const endNs = this.#cutNs === none ? run.endNs : this.#cutNs;
    for (const [task] of this.#tasks.entries()) {
      if (this.#tasks[task] === undefined) continue;
      this.#endRun(endNs, task);
      this.#endWait(endNs, task);
    }
    return {
      label: run.label,
      cpus: run.cpus,
      tasks: this.#tasks,
      running: spans(this.#running),
      waiting: spans(this.#waiting),
      marks: {
        kind: Uint8Array.from(this.#marks.kind),
        task: Int32Array.from(this.#marks.task),
        cpu: Int32Array.from(this.#marks.cpu),
        ns: Float64Array.from(this.#marks.ns),
      },
      queues: {
        names: this.#queueNames,
        queue: Uint8Array.from(this.#changes.queue),
        length: Int32Array.from(this.#changes.length),
        ns: Float64Array.from(this.#changes.ns),
      },
      makespanNs: run.makespanNs,
      finished: run.finished,
      endNs,
      cut: this.#cutNs !== none,
      exit: this.#exit,
    };
  }

  #isFull(now: number): boolean {
    if (this.#cutNs !== none) return true;
    if (this.#entries < this.#entriesMax) return false;
    this.#cutNs = now;
    return true;
  }

  #endRun(now: number, task: number): void {
    const since = this.#runningSince[task] ?? none;
    this.#runningSince[task] = none;
    this.#push(this.#running, task, since, now);
  }

  #endWait(now: number, task: number): void {
    const since = this.#waitingSince[task] ?? none;
    this.#waitingSince[task] = none;
    this.#push(this.#waiting, task, since, now);
  }

  #queueIndex(low: number, high: number): number {
    const name = queueName(low, high);
    if (name === null) return none;
    const known = this.#queueNames.indexOf(name);
    if (known >= 0 || this.#queueNames.length >= queuesMax) return known;
    this.#queueLengths.push(0);
    return this.#queueNames.push(name) - 1;
  }

  #leaveQueue(now: number, task: number): void {
    const queue = this.#queueOf[task] ?? none;
    if (queue === none) return;
    this.#queueOf[task] = none;
    this.#changeLength(now, queue, -1);
  }

  #changeLength(now: number, queue: number, by: number): void {
    const length = (this.#queueLengths[queue] ?? 0) + by;
    this.#queueLengths[queue] = length;
    this.#changes.queue.push(queue);
    this.#changes.length.push(length);
    this.#changes.ns.push(now);
    this.#entries++;
  }

  #push(rows: Rows, task: number, since: number, now: number): void {
    if (since === none || now <= since) return;
    rows.task.push(task);
    rows.cpu.push(this.#cpuOf[task] ?? none);
    rows.startNs.push(since);
    rows.endNs.push(now);
    this.#entries++;
  }

  #mark(now: number, kind: MarkKind, task: number, cpu: number): void {
    this.#marks.kind.push(markKinds.indexOf(kind));
    this.#marks.task.push(task);
    this.#marks.cpu.push(cpu);
    this.#marks.ns.push(now);
    this.#entries++;
  }
}

/** SCX_DSQ_FLAG_BUILTIN of the id's upper half: SCX_DSQ_GLOBAL is 1 with it, local ones are not told. */
const builtinFlag = 0x8000_0000;

function queueName(low: number, high: number): string | null {
  if ((high & builtinFlag) !== 0) return low === 1 && high === builtinFlag ? "global DSQ" : null;
  const id = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");
  return `DSQ 0x${id}`;
}

interface Rows {
  task: number[];
  cpu: number[];
  startNs: number[];
  endNs: number[];
}

function spans(rows: Rows): Spans {
  return {
    task: Int32Array.from(rows.task),
    cpu: Int32Array.from(rows.cpu),
    startNs: Float64Array.from(rows.startNs),
    endNs: Float64Array.from(rows.endNs),
  };
}
