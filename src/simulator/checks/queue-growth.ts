// Unbounded queue growth: the backlog of waiting tasks grows and grows though CPUs stand idle.
//
// A backlog that grows because more comes in than the CPUs can do is nobody's fault. So two things must
// hold over the second half of the run: at the ends of windows the number of tasks that wait (or that
// the policy holds) does not fall in three of four, ends at 1.5 times what it was at half time and at 8
// tasks or more, and meanwhile idle CPUs could have served: 10 % of the CPU time was wasted beside
// waiting tasks. Error where the policy holds them itself (its own list grows), warning where they lie
// in DSQs (work-conservation.ts judges those). Source: stability of a queue, arrivals below capacity
// (Loynes, 1962); the bounds are ours.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { Ledger, TaskRecord } from "./ledger.ts";
import { percent, taskWords } from "./words.ts";

const bounds = { tasks: 8, growth: 1.5, rising: 0.75, wasted: 0.1 } as const;

interface Sample {
  waiting: number;
  held: number;
  wastedNs: number;
  ranNs: number;
}

export class QueueGrowth implements Check {
  #samples: Sample[] = [];
  #oldest: TaskRecord | null = null;
  #ratio = { error: 0, warning: 0 };

  windowEnded(_startNs: number, endNs: number, ledger: Ledger): void {
    let ranNs = 0;
    let oldest: TaskRecord | null = null;
    for (const task of ledger.tasks) {
      if (task === undefined) continue;
      ranNs += ledger.ranBy(task, endNs);
      if (!task.held) continue;
      if (oldest === null || task.sinceNs < oldest.sinceNs) oldest = task;
    }
    if (oldest !== null) this.#oldest = oldest;
    this.#samples.push({
      waiting: ledger.waiting,
      held: ledger.held,
      wastedNs: Math.max(0, ...ledger.sets.map((set) => set.wastedNs(endNs))),
      ranNs,
    });
  }

  finish(end: RunEnd): Violation[] {
    const half = this.#samples.slice(this.#samples.length >> 1);
    const [first, last] = [half[0], half[half.length - 1]];
    if (half.length < 4 || first === undefined || last === undefined) return [];
    const wastedNs = last.wastedNs - first.wastedNs;
    const wasted = wastedNs / Math.max(1, wastedNs + last.ranNs - first.ranNs);
    for (const what of ["held", "waiting"] as const) {
      const severity = what === "held" ? "error" : "warning";
      const counts = half.map((sample) => sample[what]);
      const rising = counts.filter((count, at) => at > 0 && count >= (counts[at - 1] ?? 0)).length;
      this.#ratio[severity] = Math.min(
        last[what] / bounds.tasks,
        last[what] / Math.max(1, first[what]) / bounds.growth,
        rising / (counts.length - 1) / bounds.rising,
        wasted / bounds.wasted,
      );
      if (this.#ratio[severity] < 1) continue;
      const example = this.#oldest === null ? "" : ` ${taskWords(this.#oldest)} is one of them.`;
      return [
        {
          rule: "queue-growth",
          severity,
          message: `${last[what]} tasks ${what === "held" ? "are held by the policy itself" : "wait in queues"} at the end, ${first[what]} at half time, and their number only grows though ${percent(wasted)} of the CPU time is left idle.${what === "held" ? example : ""}`,
          hint: "Take out of your own list or map at least as fast as tasks come in: in dispatch(), insert tasks until the list is empty or scx_bpf_dispatch_nr_slots() is 0, and kick an idle CPU for each task that you put in.",
          task: this.#oldest,
          atNs: end.nowNs,
        },
      ];
    }
    return [];
  }

  readings(): Reading[] {
    return [
      { rule: "queue-growth", severity: "error", ratio: this.#ratio.error },
      { rule: "queue-growth", severity: "warning", ratio: this.#ratio.warning },
    ];
  }
}
