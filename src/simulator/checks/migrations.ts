// Cache migrations: how often tasks go on under another last-level cache than they ran before, where
// their data is not. What one costs depends on the working set (tens of µs to some ms), so this is never
// an error. Note from 200 a second and CPU, warning from 1,000 (with 100 µs each, a tenth of the machine),
// both only where a quarter of all runs began with one. Machines with one such cache have none.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord } from "./ledger.ts";
import { percent } from "./words.ts";

const bounds = { note: 200, warning: 1000, share: 0.25 } as const;

export class Migrations implements Check {
  #runs = 0;
  #moved = 0;
  #perCpuSecond = 0;
  #startNs = -1;

  running(now: number, task: TaskRecord, cpu: number, previousCpu: number): void {
    this.#runs += 1;
    if (this.#startNs < 0) this.#startNs = now;
    if (previousCpu >= 0 && task.set.llcOf(cpu) !== task.set.llcOf(previousCpu)) this.#moved += 1;
  }

  finish(end: RunEnd): Violation[] {
    const cpus = end.ledger.scenario.topology.llcOf.length;
    const lasted = (end.nowNs - Math.max(0, this.#startNs)) / 1e9;
    const share = this.#moved / Math.max(1, this.#runs);
    if (lasted <= 0 || share < bounds.share) return [];
    this.#perCpuSecond = this.#moved / lasted / cpus;
    if (this.#perCpuSecond < bounds.note) return [];
    return [
      {
        rule: "migrations",
        severity: this.#perCpuSecond >= bounds.warning ? "warning" : "note",
        message: `tasks change their last-level cache ${Math.round(this.#perCpuSecond)} times a second and CPU: ${percent(share)} of all runs begin with a cold cache.`,
        hint: "Keep one DSQ per last-level cache, take from the own one first and from others only when it is empty.",
        task: null,
        atNs: end.nowNs,
      },
    ];
  }

  readings(): Reading[] {
    return [
      { rule: "migrations", severity: "warning", ratio: this.#perCpuSecond / bounds.warning },
    ];
  }
}
