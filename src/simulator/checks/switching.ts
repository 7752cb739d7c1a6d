// Switching: tasks are displaced so often that the CPUs do little else.
//
// Of itself a machine switches when a task sleeps, when one that wakes displaces another, and when slices
// end, which they do only at ticks (task_tick_scx of kernel/sched/ext: 250 a second here, however short
// the slice). What goes beyond one displaced task a wake-up and a tick is the policy's: kicks with
// SCX_KICK_PREEMPT and inserts with SCX_ENQ_PREEMPT that nobody's wake-up asked for. Tasks that yield by
// their steps are left out.
// - Error from 10,000 a second and CPU: at 5 to 10 µs each, direct cost and cache together, a tenth of
//   the machine or more (Li, Ding and Shen, "Quantifying the Cost of Context Switch", ExpCS 2007: 3.8 µs
//   direct, and up to hundreds for a large working set). Over 100 ms of CPU time at least.
// - Warning from 2,000: a policy with a timer of its own that preempts every millisecond makes 1,000.
// A run that such switching drives to the simulator's limit of events is judged up to there.

import { ticksPerSecond } from "../core/constants.ts";
import type { Scenario, Step } from "../scenario/scenario.ts";
import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { duration, taskWords } from "./words.ts";

const bounds = { error: 10_000, warning: 2_000 } as const;
const busyNsMin = 100e6;

export class Switching implements Check {
  /** By spec. */
  readonly #yields: readonly boolean[];
  #displaced = 0;
  #woken = 0;
  #last: TaskRecord | null = null;
  #perCpuSecond = 0;

  constructor(scenario: Scenario) {
    this.#yields = scenario.tasks.map(({ steps }) => yields(steps));
  }

  waitEnded(_now: number, task: TaskRecord, wait: Wait): void {
    if (wait.open) return;
    if (wait.woke) this.#woken += 1;
    else if (this.#yields[task.spec] !== true) {
      this.#displaced += 1;
      this.#last = task;
    }
  }

  finish(end: RunEnd): Violation[] {
    const { ledger, nowNs } = end;
    const busyNs = ledger.ranNs;
    const task = this.#last;
    if (busyNs < busyNsMin || task === null) return [];
    const excess = this.#displaced - this.#woken - (ticksPerSecond * busyNs) / 1e9;
    this.#perCpuSecond = Math.max(0, (excess * 1e9) / busyNs);
    if (this.#perCpuSecond < bounds.warning) return [];
    const each = busyNs / Math.max(1, this.#displaced);
    return [
      {
        rule: "switching",
        severity: this.#perCpuSecond >= bounds.error ? "error" : "warning",
        message: `tasks lose their CPU ${Math.round(this.#perCpuSecond)} times a second and CPU though neither a wake-up nor the end of a slice displaces them: they run ${duration(each)} at a time. ${taskWords(task)} was one of them.`,
        hint: "Preempt only for a task that just woke and is more urgent than what runs: no SCX_KICK_PREEMPT or SCX_ENQ_PREEMPT for tasks that are merely put back (enq_flags without SCX_ENQ_WAKEUP), and no timer that preempts more often than every millisecond.",
        task,
        atNs: nowNs,
      },
    ];
  }

  readings(): Reading[] {
    return [
      { rule: "switching", severity: "error", ratio: this.#perCpuSecond / bounds.error },
      { rule: "switching", severity: "warning", ratio: this.#perCpuSecond / bounds.warning },
    ];
  }
}

function yields(steps: readonly Step[]): boolean {
  return steps.some((step) => (step.do === "repeat" ? yields(step.steps) : step.do === "yield"));
}
