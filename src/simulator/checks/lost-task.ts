// Lost task: it is runnable, but in nobody's queue: `enqueue` returned without inserting it, and the
// policy never gave it back. A policy may hold tasks in maps of its own (scx_qmap, scx_flatcg do), so
// holding alone is no fault; it is one where nothing can justify it any more:
// - held while a CPU that it may use stood idle for 250 ms of the wait (a policy that batches or
//   throttles by a timer does so for less), or
// - held for 15 s, half of the watchdog's limit, though its share in that time was 0.5 s or more.
// Source: the ownership rule in Documentation/scheduler/sched-ext.rst ("Scheduling Cycle"), and
// check_rq_for_timeouts() of kernel/sched/ext, which ejects the policy in the end.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { starvationBounds } from "./starvation.ts";
import { duration, taskWords } from "./words.ts";

const idleNsMax = 250_000_000;

export class LostTask implements Check {
  #worst = 0;
  #task: TaskRecord | null = null;
  #wait: Wait | null = null;
  #atNs = 0;
  #names = new Set<string>();

  waitEnded(now: number, task: TaskRecord, wait: Wait): void {
    // What came back in the end was not lost, however late.
    if (!wait.held || !wait.open) return;
    const { waitNs, earnedNs } = starvationBounds.error;
    const ratio = Math.max(
      wait.idleNs / idleNsMax,
      Math.min(wait.ns / waitNs, wait.earnedNs / earnedNs),
    );
    if (ratio >= 1) this.#names.add(task.comm);
    if (ratio <= this.#worst) return;
    this.#worst = ratio;
    this.#task = task;
    this.#wait = wait;
    this.#atNs = now;
  }

  finish(_end: RunEnd): Violation[] {
    if (this.#worst < 1 || this.#task === null || this.#wait === null) return [];
    const { ns, idleNs } = this.#wait;
    const idle = idleNs > 0 ? `, while for ${duration(idleNs)} a CPU that it may use was idle` : "";
    const named =
      this.#names.size === 1 && this.#task.comm !== ""
        ? " All tasks that were lost have this name."
        : "";
    return [
      {
        rule: "lost-task",
        severity: "error",
        message: `${taskWords(this.#task)} has been runnable for ${duration(ns)} and is in none of the kernel's queues: the policy took it and has not given it back${idle}.${named}`,
        hint: "Let every path of enqueue() end in scx_bpf_dsq_insert() or scx_bpf_dsq_insert_vtime(), also those for errors and for special tasks; what you keep in a map of your own must be inserted from dispatch() before anything newer.",
        task: this.#task,
        atNs: this.#atNs,
      },
    ];
  }

  readings(): Reading[] {
    return [{ rule: "lost-task", severity: "error", ratio: this.#worst }];
  }
}
