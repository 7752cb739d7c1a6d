// Starvation: one wait that neither its weight nor the load justifies.
//
// A wait is measured in what the task earned meanwhile (affinity-class.ts): the lesser of its fluid
// share by weight and of its share as an equal. By that measure a correct policy of any kind is nowhere
// near: first come first served makes a task wait until it has earned about one slice, whatever the
// number of tasks; weighted virtual time the same (nice 19 among nice -20 hogs earns 0.1 ms in a
// second, so its minutes of waiting are justified); and a task that ran ahead pays back one slice.
//
// Bounds: error from 15 s of waiting (half of the watchdog's 30 s, SCX_WATCHDOG_MAX_TIMEOUT: the next
// burst ejects the policy; policies that age their queues do it in 5 to 10 s) with 0.5 s of CPU time
// earned; warning from 2 s with 0.25 s earned. An idle CPU makes a share of 1: such waits count too.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { duration, placeWords, taskWords } from "./words.ts";

export const starvationBounds = {
  error: { waitNs: 15e9, earnedNs: 0.5e9 },
  warning: { waitNs: 2e9, earnedNs: 0.25e9 },
} as const;

export class Starvation implements Check {
  #worst = { error: 0, warning: 0 };
  #task: TaskRecord | null = null;
  #wait: Wait | null = null;
  #place = "";
  #atNs = 0;
  #starved = new Set<number>();

  waitEnded(now: number, task: TaskRecord, wait: Wait): void {
    if (wait.ns < 1e8) return;
    // The check of lost tasks speaks of these.
    if (wait.held && wait.open) return;
    const ratio = {
      error: ratioTo(wait, starvationBounds.error),
      warning: ratioTo(wait, starvationBounds.warning),
    };
    if (ratio.warning >= 1) this.#starved.add(task.id);
    if (ratio.error > this.#worst.error) this.#worst.error = ratio.error;
    if (ratio.warning <= this.#worst.warning) return;
    this.#worst.warning = ratio.warning;
    this.#task = task;
    this.#wait = wait;
    this.#place = placeWords(task, wait.held);
    this.#atNs = now;
  }

  finish(end: RunEnd): Violation[] {
    if (this.#worst.warning < 1 || this.#task === null || this.#wait === null) return [];
    const { ns, earnedNs, open } = this.#wait;
    const others = this.#starved.size - 1;
    const more = others > 0 ? ` So did ${others} other task${others === 1 ? "" : "s"}.` : "";
    const until = open ? "and still waits" : "before it got a CPU";
    return [
      {
        rule: "starvation",
        severity: this.#worst.error >= 1 ? "error" : "warning",
        message: `${taskWords(this.#task)} waited ${duration(ns)} ${until}, ${this.#place}, though its weight and the load earned it ${duration(earnedNs)} of CPU time meanwhile.${more}`,
        hint: "Bound every wait: order by a virtual time that grows with what a task has used (insert_vtime with vtime += used * 100 / weight), or take from the queue whoever has waited longest once that is over a few seconds. Strict priority, newest-first order and endless slices starve.",
        task: this.#task,
        atNs: Math.min(this.#atNs, end.nowNs),
      },
    ];
  }

  readings(): Reading[] {
    return [
      { rule: "starvation", severity: "error", ratio: this.#worst.error },
      { rule: "starvation", severity: "warning", ratio: this.#worst.warning },
    ];
  }
}

function ratioTo(wait: Wait, bound: { waitNs: number; earnedNs: number }): number {
  return Math.min(wait.ns / bound.waitNs, wait.earnedNs / bound.earnedNs);
}
