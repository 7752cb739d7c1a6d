// The books of a run: who waits, runs and sleeps since when, where, and what each could have had. An
// observer of the machine; tells the checks what follows from the events. Reads nothing of the policy.
//
// Ends when the policy leaves: what the default scheduler does afterwards is not the policy's doing.

import type { Observer, TaskStart } from "../core/observer.ts";
import type { PolicyExit } from "../core/policy-ops.ts";
import type { Scenario, Step } from "../scenario/scenario.ts";
import { AffinityClass } from "./affinity-class.ts";
import type { Check } from "./check.ts";

export type Phase = "sleeping" | "waiting" | "running" | "gone";

export interface TaskRecord {
  readonly id: number;
  readonly spec: number;
  readonly entry: string;
  readonly pid: number;
  readonly startedNs: number;
  comm: string;
  weight: number;
  set: AffinityClass;
  phase: Phase;
  /** Of the phase. */
  sinceNs: number;
  /** Where it runs, or was last put or run. */
  cpu: number;
  /** -1 before its first run. */
  lastRunCpu: number;
  /** While it waits: the policy has it in none of the kernel's queues. */
  held: boolean;
  dsqLow: number;
  dsqHigh: number;
  /** Before it was moved at the instant `movedNs`: what the end of a run itself moves does not count. */
  movedNs: number;
  wasHeld: boolean;
  wasDsqLow: number;
  wasDsqHigh: number;
  /** By its steps it wants a CPU all its life: it neither sleeps nor yields. */
  readonly steady: boolean;
  readonly kernelThread: boolean;
  /** Wants a CPU without a break, of one weight and affinity, since then. */
  steadyNs: number;
  /** Slept before this wait. */
  woke: boolean;
  ranNs: number;
  longestRunNs: number;
  wakes: number;
  ranAtWindowNs: number;
  /** Where the integrals of its class stood, and what was earned before they were last read. */
  markByWeight: number;
  markAsEqual: number;
  markIdle: number;
  markIdleNear: number;
  markLlc: number;
  earnedByWeight: number;
  earnedAsEqual: number;
}

export interface Wait {
  ns: number;
  /** The least of what the task earned meanwhile by its weight and as an equal, ns of CPU time. */
  earnedNs: number;
  /** Of the wait: a CPU that it may use was idle. */
  idleNs: number;
  /** The same under the last-level cache where it was put. */
  idleNearNs: number;
  held: boolean;
  /** After a sleep, or its first. */
  woke: boolean;
  /** The run ended before it got a CPU. */
  open: boolean;
}

export class Ledger implements Required<Pick<Observer, "running" | "stopped" | "woken">> {
  readonly scenario: Scenario;
  readonly windowNs: number;
  readonly tasks: TaskRecord[] = [];
  readonly sets: AffinityClass[] = [];
  /** Of tasks by now. */
  waiting = 0;
  held = 0;
  ranNs = 0;
  exit: PolicyExit | null = null;
  /** Of the last event. */
  nowNs = 0;
  endNs = -1;

  #checks: readonly Check[];
  #onWait: readonly Check[];
  #onRun: readonly Check[];
  #setByKey = new Map<string, AffinityClass>();
  #online: Uint8Array;
  #realtime: Uint8Array;
  #idle: Uint8Array;
  #steady: readonly boolean[];
  #windowStart = 0;
  #windowEnd: number;

  constructor(scenario: Scenario, checks: readonly Check[]) {
    const cpus = scenario.topology.llcOf.length;
    this.scenario = scenario;
    this.windowNs = Math.max(scenario.durationNs / 16, 250_000_000);
    this.#windowEnd = this.windowNs;
    this.#steady = scenario.tasks.map(({ steps }) => isSteady(steps));
    this.#checks = checks;
    this.#onWait = checks.filter((check) => check.waitEnded !== undefined);
    this.#onRun = checks.filter((check) => check.running !== undefined);
    this.#online = new Uint8Array(cpus).fill(1);
    this.#realtime = new Uint8Array(cpus);
    this.#idle = new Uint8Array(cpus).fill(1);
  }

  taskStarted(now: number, task: number, start: TaskStart): void {
    if (!this.#advance(now)) return;
    const set = this.#setOf(start.cpus, now);
    set.members += 1;
    this.tasks[task] = {
      id: task,
      spec: start.spec,
      entry: this.scenario.tasks[start.spec]?.entry ?? "",
      pid: start.pid,
      startedNs: now,
      comm: start.comm,
      weight: start.weight,
      set,
      phase: "sleeping",
      sinceNs: now,
      cpu: start.cpus[0] ?? 0,
      lastRunCpu: -1,
      held: false,
      dsqLow: 0,
      dsqHigh: 0,
      movedNs: -1,
      wasHeld: false,
      wasDsqLow: 0,
      wasDsqHigh: 0,
      steady: this.#steady[start.spec] ?? false,
      kernelThread: this.scenario.tasks[start.spec]?.kernelThread ?? false,
      steadyNs: now,
      woke: true,
      ranNs: 0,
      longestRunNs: 0,
      wakes: 0,
      ranAtWindowNs: 0,
      markByWeight: 0,
      markAsEqual: 0,
      markIdle: 0,
      markIdleNear: 0,
      markLlc: 0,
      earnedByWeight: 0,
      earnedAsEqual: 0,
    };
  }

  taskExited(now: number, task: number): void {
    const record = this.#find(now, task);
    if (record === null) return;
    this.#leave(now, record);
    record.set.members -= 1;
    record.phase = "gone";
  }

  woken(now: number, task: number, cpu: number): void {
    const record = this.#find(now, task);
    if (record === null || record.phase !== "sleeping") return;
    record.wakes += 1;
    record.steadyNs = now;
    this.#demand(now, record, 1);
    this.#beginWait(now, record, cpu, true);
  }

  running(now: number, task: number, cpu: number): void {
    const record = this.#find(now, task);
    if (record === null || record.phase === "running" || record.phase === "gone") return;
    if (record.phase === "sleeping") this.woken(now, task, cpu);
    this.#endWait(now, record, false);
    const previous = record.lastRunCpu;
    record.phase = "running";
    record.sinceNs = now;
    record.cpu = cpu;
    record.lastRunCpu = cpu;
    this.#setIdle(now, cpu, false);
    for (const check of this.#onRun) check.running?.(now, record, cpu, previous);
  }

  stopped(now: number, task: number, cpu: number, runnable: boolean): void {
    const record = this.#find(now, task);
    if (record === null || record.phase !== "running") return;
    this.#endRun(now, record);
    if (runnable) this.#beginWait(now, record, cpu, false);
    else this.#sleep(now, record);
  }

  queued(now: number, task: number, dsqLow: number, dsqHigh: number): void {
    const record = this.#find(now, task);
    if (record === null) return;
    if (record.movedNs !== now) {
      record.movedNs = now;
      record.wasHeld = record.held;
      record.wasDsqLow = record.dsqLow;
      record.wasDsqHigh = record.dsqHigh;
    }
    record.dsqLow = dsqLow;
    record.dsqHigh = dsqHigh;
    this.#setHeld(record, false);
  }

  heldByPolicy(now: number, task: number): void {
    const record = this.#find(now, task);
    // A running task that is put back is told of before it leaves its CPU.
    if (record?.phase === "waiting" || record?.phase === "running") this.#setHeld(record, true);
  }

  idle(now: number, cpu: number, realtime: boolean): void {
    if (!this.#advance(now)) return;
    this.#setAvailable(now, cpu, this.#online[cpu] === 1, realtime);
    this.#setIdle(now, cpu, !realtime);
  }

  busy(now: number, cpu: number): void {
    if (!this.#advance(now)) return;
    this.#setAvailable(now, cpu, this.#online[cpu] === 1, false);
    this.#setIdle(now, cpu, false);
  }

  online(now: number, cpu: number, isOnline: boolean): void {
    if (!this.#advance(now)) return;
    this.#setIdle(now, cpu, false);
    this.#setAvailable(now, cpu, isOnline, false);
    if (isOnline) this.#setIdle(now, cpu, true);
  }

  weightChanged(now: number, task: number, weight: number): void {
    const record = this.#find(now, task);
    if (record === null) return;
    this.#resettle(now, record, () => {
      record.weight = weight;
    });
  }

  affinityChanged(now: number, task: number, cpus: readonly number[]): void {
    const record = this.#find(now, task);
    if (record === null) return;
    this.#resettle(now, record, () => {
      record.set.members -= 1;
      record.set = this.#setOf(cpus, now);
      record.set.members += 1;
    });
  }

  misplaced(now: number, task: number, cpu: number): void {
    const record = this.#find(now, task);
    if (record === null) return;
    for (const check of this.#checks) check.misplaced?.(now, record, cpu);
  }

  exited(now: number, exit: PolicyExit): void {
    if (!this.#advance(now)) return;
    this.exit = exit;
    this.#close(now);
  }

  /** The run is over. Nothing is counted afterwards. */
  finish(now: number): void {
    if (this.#advance(now)) this.#close(now);
  }

  /** CPU time used up to `now`, the present run included. */
  ranBy(record: TaskRecord, now: number): number {
    return record.ranNs + (record.phase === "running" ? now - record.sinceNs : 0);
  }

  #close(now: number): void {
    // A last window that is too short says little.
    if (now - this.#windowStart > this.windowNs / 2) this.#closeWindow(now);
    for (const record of this.tasks) {
      if (record?.movedNs === now && record.sinceNs < now) this.#moveBack(record);
      if (record?.phase === "waiting") this.#endWait(now, record, true);
      else if (record?.phase === "running") this.#endRun(now, record);
    }
    this.endNs = now;
  }

  #moveBack(record: TaskRecord): void {
    this.#setHeld(record, record.wasHeld);
    record.dsqLow = record.wasDsqLow;
    record.dsqHigh = record.wasDsqHigh;
  }

  /** False after the end. */
  #advance(now: number): boolean {
    if (this.endNs >= 0) return false;
    this.nowNs = now;
    while (now >= this.#windowEnd) this.#closeWindow(this.#windowEnd);
    return true;
  }

  #closeWindow(end: number): void {
    const start = this.#windowStart;
    for (const check of this.#checks) check.windowEnded?.(start, end, this);
    for (const record of this.tasks) {
      if (record !== undefined) record.ranAtWindowNs = this.ranBy(record, end);
    }
    this.#windowStart = end;
    this.#windowEnd = end + this.windowNs;
  }

  #find(now: number, task: number): TaskRecord | null {
    return this.#advance(now) ? (this.tasks[task] ?? null) : null;
  }

  #setOf(cpus: readonly number[], now: number): AffinityClass {
    const key = cpus.join(",");
    const known = this.#setByKey.get(key);
    if (known !== undefined) return known;
    const set = new AffinityClass(cpus, this.scenario.topology, now);
    for (const cpu of cpus) {
      if (this.#online[cpu] === 1 && this.#realtime[cpu] === 0) set.changeAvailable(now, 1);
      if (this.#idle[cpu] === 1) set.changeIdle(now, cpu, 1);
    }
    this.sets.push(set);
    for (const other of this.sets) {
      if (!cpus.some((cpu) => other.allowed[cpu] === 1)) continue;
      set.meeting.push(other);
      if (other !== set) other.meeting.push(set);
    }
    for (const record of this.tasks) {
      const runnable = record?.phase === "waiting" || record?.phase === "running";
      if (runnable && set.meeting.includes(record.set)) set.changeDemand(now, 1, record.weight);
    }
    this.#setByKey.set(key, set);
    return set;
  }

  #demand(now: number, record: TaskRecord, by: 1 | -1): void {
    for (const set of record.set.meeting) set.changeDemand(now, by, by * record.weight);
  }

  #beginWait(now: number, record: TaskRecord, cpu: number, woke: boolean): void {
    record.phase = "waiting";
    record.sinceNs = now;
    record.cpu = cpu;
    record.woke = woke;
    record.earnedByWeight = 0;
    record.earnedAsEqual = 0;
    this.waiting += 1;
    record.set.changeWaiting(now, cpu, 1);
    this.#mark(now, record);
  }

  #mark(now: number, record: TaskRecord): void {
    record.markByWeight = record.set.byWeightNs(now);
    record.markAsEqual = record.set.asEqualNs(now);
    record.markIdle = record.set.idleNs(now);
    record.markLlc = this.scenario.topology.llcOf[record.cpu] ?? 0;
    record.markIdleNear = record.set.idleNsOfLlc(record.markLlc, now);
  }

  #earn(now: number, record: TaskRecord): void {
    record.earnedByWeight += (record.set.byWeightNs(now) - record.markByWeight) * record.weight;
    record.earnedAsEqual += record.set.asEqualNs(now) - record.markAsEqual;
  }

  #endWait(now: number, record: TaskRecord, open: boolean): void {
    this.#earn(now, record);
    const wait: Wait = {
      ns: now - record.sinceNs,
      earnedNs: Math.min(record.earnedByWeight, record.earnedAsEqual),
      idleNs: record.set.idleNs(now) - record.markIdle,
      idleNearNs: record.set.idleNsOfLlc(record.markLlc, now) - record.markIdleNear,
      held: record.held,
      woke: record.woke,
      open,
    };
    record.set.changeWaiting(now, record.cpu, -1);
    this.waiting -= 1;
    this.#setHeld(record, false);
    for (const check of this.#onWait) check.waitEnded?.(now, record, wait);
  }

  #endRun(now: number, record: TaskRecord): void {
    const ran = now - record.sinceNs;
    record.ranNs += ran;
    this.ranNs += ran;
    if (ran > record.longestRunNs) record.longestRunNs = ran;
  }

  #sleep(now: number, record: TaskRecord): void {
    this.#demand(now, record, -1);
    this.#setHeld(record, false);
    record.phase = "sleeping";
    record.sinceNs = now;
  }

  #leave(now: number, record: TaskRecord): void {
    if (record.phase === "running") this.#endRun(now, record);
    else if (record.phase === "waiting") this.#endWait(now, record, true);
    if (record.phase === "running" || record.phase === "waiting") this.#sleep(now, record);
  }

  /** Around a change of weight or affinity: what was earned so far was earned under the old ones. */
  #resettle(now: number, record: TaskRecord, change: () => void): void {
    const { phase } = record;
    const runnable = phase === "waiting" || phase === "running";
    if (phase === "waiting") {
      this.#earn(now, record);
      record.set.changeWaiting(now, record.cpu, -1);
    }
    if (runnable) this.#demand(now, record, -1);
    change();
    if (runnable) this.#demand(now, record, 1);
    record.steadyNs = now;
    if (phase !== "waiting") return;
    record.set.changeWaiting(now, record.cpu, 1);
    this.#mark(now, record);
  }

  #setHeld(record: TaskRecord, held: boolean): void {
    if (record.held === held) return;
    record.held = held;
    this.held += held ? 1 : -1;
  }

  #setIdle(now: number, cpu: number, idle: boolean): void {
    const is = idle && this.#online[cpu] === 1 && this.#realtime[cpu] === 0 ? 1 : 0;
    if (this.#idle[cpu] === is) return;
    this.#idle[cpu] = is;
    for (const set of this.sets) {
      if (set.allowed[cpu] === 1) set.changeIdle(now, cpu, is === 1 ? 1 : -1);
    }
  }

  #setAvailable(now: number, cpu: number, online: boolean, realtime: boolean): void {
    const before = this.#online[cpu] === 1 && this.#realtime[cpu] === 0;
    this.#online[cpu] = online ? 1 : 0;
    this.#realtime[cpu] = realtime ? 1 : 0;
    const after = online && !realtime;
    if (before === after) return;
    for (const set of this.sets) {
      if (set.allowed[cpu] === 1) set.changeAvailable(now, after ? 1 : -1);
    }
  }
}

const restless = new Set(["sleep", "wait", "join", "yield"]);

function isSteady(steps: readonly Step[]): boolean {
  return steps.every((step) =>
    step.do === "repeat" ? isSteady(step.steps) : !restless.has(step.do),
  );
}
