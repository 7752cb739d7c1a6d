// Latency of interactive tasks under load: how long those that sleep most of the time wait for a CPU
// after waking, against the kernel's default scheduler (EEVDF's model) on the same scenario.
//
// Interactive is a spec whose tasks use less than 0.3 of the time they live and wake at least 20 times.
// Compared is the 99th percentile of their waits after waking. Warning from 8 times the default
// scheduler's and 20 ms above it; never an error: throughput policies pay this price knowingly.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { duration, taskWords } from "./words.ts";

const bounds = { share: 0.3, wakesMin: 20, factor: 8, differenceNs: 20e6 } as const;
/** Waits kept per spec: the first ones. */
const samplesMax = 50_000;

interface Samples {
  task: TaskRecord;
  worstNs: number;
  waitsNs: number[];
  members: Set<TaskRecord>;
}

/** Per spec, the 99th percentile of waits after waking, ns. */
export type InteractiveWaits = ReadonlyMap<number, number>;

export class InteractiveLatency implements Check {
  #reference: InteractiveWaits | null;
  #specs = new Map<number, Samples>();
  #ratio = 0;

  /** Null: nothing to compare with; it then only measures. */
  constructor(reference: InteractiveWaits | null) {
    this.#reference = reference;
  }

  waitEnded(_now: number, task: TaskRecord, wait: Wait): void {
    if (!wait.woke) return;
    let samples = this.#specs.get(task.spec);
    if (samples === undefined) {
      samples = { task, worstNs: -1, waitsNs: [], members: new Set() };
      this.#specs.set(task.spec, samples);
    }
    if (samples.waitsNs.length < samplesMax) samples.waitsNs.push(wait.ns);
    samples.members.add(task);
    if (wait.ns <= samples.worstNs) return;
    samples.worstNs = wait.ns;
    samples.task = task;
  }

  measured(nowNs: number): InteractiveWaits {
    const waits = new Map<number, number>();
    for (const [spec, samples] of this.#specs) {
      if (samples.waitsNs.length < bounds.wakesMin || !sleepsMostly(samples, nowNs)) continue;
      waits.set(spec, percentile99(samples.waitsNs));
    }
    return waits;
  }

  finish(end: RunEnd): Violation[] {
    if (this.#reference === null) return [];
    let worst: { spec: number; ns: number; referenceNs: number } | null = null;
    for (const [spec, ns] of this.measured(end.nowNs)) {
      const referenceNs = this.#reference.get(spec);
      if (referenceNs === undefined) continue;
      const ratio = Math.min(
        ns / Math.max(referenceNs, 1) / bounds.factor,
        (ns - referenceNs) / bounds.differenceNs,
      );
      if (ratio <= this.#ratio) continue;
      this.#ratio = ratio;
      worst = { spec, ns, referenceNs };
    }
    const task = worst === null ? null : (this.#specs.get(worst.spec)?.task ?? null);
    if (this.#ratio < 1 || worst === null || task === null) return [];
    return [
      {
        rule: "interactive-latency",
        severity: "warning",
        message: `tasks like ${taskWords(task)}, which mostly sleep, wait ${duration(worst.ns)} for a CPU after waking (99th percentile); the default scheduler lets them wait ${duration(worst.referenceNs)}.`,
        hint: "Put tasks that used little before others (a vtime that sleep does not push ahead), use shorter slices, or preempt for them (SCX_ENQ_PREEMPT, SCX_KICK_PREEMPT); leave it where only throughput counts.",
        task,
        atNs: end.nowNs,
      },
    ];
  }

  readings(): Reading[] {
    return [{ rule: "interactive-latency", severity: "warning", ratio: this.#ratio }];
  }
}

function sleepsMostly(samples: Samples, nowNs: number): boolean {
  let ran = 0;
  let lived = 0;
  for (const task of samples.members) {
    ran += task.ranNs;
    lived += (task.phase === "gone" ? task.sinceNs : nowNs) - task.startedNs;
  }
  return ran < bounds.share * lived;
}

/** By nearest rank. */
function percentile99(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
