// The figures of one simulated run, from its summary and from the waits that an observer counted. Pure
// but for the counting. Called by simulate.ts.

import type { SimulatedRun } from "../../contract/simulation.ts";
import type { Observer } from "../core/observer.ts";
import type { RunSummary, TaskSummary } from "../core/run-summary.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** Buckets of a power of two: a quantile is off by at most 1/64 of itself. */
const bucketsPerOctave = 64;
const octaves = 53;

/** Counts every wait for a CPU, from wanting one to having one, and those that the run's end cut off. */
export class WaitCounter implements Observer {
  readonly #buckets = new Float64Array(bucketsPerOctave * octaves);
  readonly #since: number[] = [];
  #count = 0;
  #maxNs = 0;

  woken(now: number, task: number): void {
    this.#since[task] = now;
  }

  running(now: number, task: number): void {
    this.#end(now, task);
  }

  stopped(now: number, task: number, _cpu: number, runnable: boolean): void {
    if (runnable) this.#since[task] = now;
  }

  taskExited(_now: number, task: number): void {
    this.#since[task] = -1;
  }

  /** Waits in ms; null where there were none. Who still waits has waited until now. */
  quantiles(endNs: number): SimulatedRun["waitMs"] {
    for (const task of this.#since.keys()) this.#end(endNs, task);
    if (this.#count === 0) return null;
    const ms = (q: number) => this.#quantileNs(q) / 1e6;
    return { p50: ms(0.5), p95: ms(0.95), p99: ms(0.99), max: this.#maxNs / 1e6 };
  }

  #end(now: number, task: number): void {
    const since = this.#since[task] ?? -1;
    if (since < 0) return;
    this.#since[task] = -1;
    const waitedNs = now - since;
    const bucket = bucketOf(waitedNs);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    if (waitedNs > this.#maxNs) this.#maxNs = waitedNs;
  }

  /** Nearest rank: the upper end of its bucket, but never more than the longest wait. */
  #quantileNs(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let below = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      below += count;
      if (below >= rank) return Math.min(bucketEndNs(bucket), this.#maxNs);
    }
    return this.#maxNs;
  }
}

function bucketOf(ns: number): number {
  if (ns < bucketsPerOctave) return Math.max(0, Math.floor(ns));
  const octave = Math.floor(Math.log2(ns)) - Math.log2(bucketsPerOctave);
  const step = 2 ** octave;
  return (octave + 1) * bucketsPerOctave + Math.floor(ns / step) - bucketsPerOctave;
}

function bucketEndNs(bucket: number): number {
  if (bucket < bucketsPerOctave) return bucket;
  const octave = Math.floor(bucket / bucketsPerOctave) - 1;
  return ((bucket % bucketsPerOctave) + bucketsPerOctave + 1) * 2 ** octave - 1;
}

/** SCX_EXIT_MSG_LEN: what a policy says of its own exit is bounded here as in the kernel. */
const exitTextCharsMax = 1024;

export function runFigures(
  scenario: Scenario,
  summary: RunSummary,
  waits: WaitCounter | null,
): SimulatedRun {
  const { exit, cpus, tasks } = summary;
  const sum = (figures: number[]) => figures.reduce((total, figure) => total + figure, 0);
  const capacityNs = sum(
    cpus.map((cpu) => cpu.busyNs + cpu.idleNs + cpu.overheadNs + cpu.realtimeNs),
  );
  return {
    makespanMs: summary.makespanNs / 1e6,
    finished: summary.finished,
    waitMs: waits === null ? longestOnly(tasks) : waits.quantiles(summary.endNs),
    fairness: fairness(scenario, tasks, summary.endNs),
    utilisationPercent: rounded(
      capacityNs > 0 ? (100 * sum(cpus.map((cpu) => cpu.busyNs))) / capacityNs : 0,
    ),
    switches: sum(cpus.map((cpu) => cpu.switches)),
    migrations: sum(tasks.map((task) => task.migrations)),
    exit:
      exit === null
        ? null
        : {
            kind: exit.kind,
            code: exit.code,
            reason: exit.reason.slice(0, exitTextCharsMax),
            message: exit.message.slice(0, exitTextCharsMax),
            atMs: summary.exitNs / 1e6,
          },
  };
}

/** Where waits were not counted one by one. */
function longestOnly(tasks: readonly TaskSummary[]): SimulatedRun["waitMs"] {
  const maxNs = tasks.reduce((longest, task) => Math.max(longest, task.waitedMaxNs), 0);
  return { p50: null, p95: null, p99: null, max: maxNs / 1e6 };
}

/**
 * Jain's index (Σx)² ÷ (n Σx²) over x = CPU time ÷ lifetime of an entry's tasks, averaged over entries
 * with more than one; as `fairness` in contract/workload.ts. Null without such an entry.
 */
function fairness(scenario: Scenario, tasks: readonly TaskSummary[], endNs: number): number | null {
  const shares = new Map<string, number[]>();
  for (const task of tasks) {
    const entry = scenario.tasks[task.spec]?.entry ?? "";
    const lifetimeNs = (task.exitedNs < 0 ? endNs : task.exitedNs) - task.startedNs;
    if (lifetimeNs <= 0) continue;
    const list = shares.get(entry) ?? [];
    list.push(task.ranNs / lifetimeNs);
    shares.set(entry, list);
  }
  const indices = [...shares.values()].filter((list) => list.length > 1).map(jainIndex);
  if (indices.length === 0) return null;
  return rounded(indices.reduce((total, index) => total + index, 0) / indices.length);
}

/** 1 where all are equal (all zero, too), 1 ÷ n where one has everything. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}

/** Six decimals: what is beyond is noise of the sum's order. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
