// Non-work-conservation: a CPU is idle while a task waits that may run there.
//
// Instants of it are normal: a kick is an interrupt away, and an idle CPU looks at the queues again at
// the latest when its tick or the next wake-up comes. So only what lasts counts.
// - Error: more than 40 % of the CPU time that was wanted and could be given was left idle, with waiting
//   tasks under the same last-level cache, and most of that in waits exposed to an idle CPU for longer
//   than a grace of 8 ms (two ticks of a 250 Hz kernel), and 250 ms of CPU time in all. Or one task waited with an idle CPU under its
//   last-level cache for 1 s.
// - Warning: 10 % of it and 100 ms, or a wait of 100 ms with an idle CPU anywhere that the task may use (queues per
//   cache that are never stolen from do this: a choice, but one that the owner should know of).
// Source: Lozi et al., "The Linux Scheduler: a Decade of Wasted Cores", EuroSys 2016, which checks the
// same invariant and also waits before it counts (100 ms).

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { duration, percent, placeWords, taskWords } from "./words.ts";

const bounds = {
  graceNs: 8e6,
  error: { share: 0.4, wastedNs: 2.5e8, nearNs: 1e9 },
  warning: { share: 0.1, wastedNs: 1e8, anywhereNs: 1e8 },
} as const;

export class WorkConservation implements Check {
  #exposed = 0;
  #exposedLong = 0;
  #worstNear = 0;
  #worstAnywhere = 0;
  #task: TaskRecord | null = null;
  #wait: Wait | null = null;
  #place = "";
  #atNs = 0;
  #ratio = { error: 0, warning: 0 };

  waitEnded(now: number, task: TaskRecord, wait: Wait): void {
    if (wait.idleNs <= 0) return;
    this.#exposed += wait.idleNearNs;
    if (wait.idleNearNs > bounds.graceNs) this.#exposedLong += wait.idleNearNs;
    if (wait.idleNearNs > this.#worstNear) this.#worstNear = wait.idleNearNs;
    if (wait.idleNs <= this.#worstAnywhere) return;
    this.#worstAnywhere = wait.idleNs;
    this.#task = task;
    this.#wait = wait;
    this.#place = placeWords(task, wait.held);
    this.#atNs = now;
  }

  finish(end: RunEnd): Violation[] {
    const { ledger } = end;
    const wasted = Math.max(0, ...ledger.sets.map((set) => set.wastedNs(end.nowNs)));
    const long = this.#exposed > 0 ? this.#exposedLong / this.#exposed : 0;
    const share = wasted === 0 ? 0 : (wasted / (wasted + ledger.ranNs)) * (long >= 0.5 ? 1 : 0);
    this.#ratio = {
      error: Math.max(
        Math.min(share / bounds.error.share, wasted / bounds.error.wastedNs),
        this.#worstNear / bounds.error.nearNs,
      ),
      warning: Math.max(
        Math.min(share / bounds.warning.share, wasted / bounds.warning.wastedNs),
        this.#worstAnywhere / bounds.warning.anywhereNs,
      ),
    };
    if (this.#ratio.warning < 1 || this.#task === null || this.#wait === null) return [];
    const inAll =
      share > 0.01
        ? ` In all ${percent(share)} of the CPU time that was wanted was left idle beside waiting tasks.`
        : "";
    return [
      {
        rule: "work-conservation",
        severity: this.#ratio.error >= 1 ? "error" : "warning",
        message: `${taskWords(this.#task)} waited ${duration(this.#wait.ns)}, ${this.#place}, while for ${duration(this.#worstAnywhere)} a CPU that it may use was idle.${inAll}`,
        hint: "Wake an idle CPU when you queue a task: cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); if (cpu >= 0) scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE). And let dispatch() on every CPU take from every queue whose tasks may run there, the neighbours' last.",
        task: this.#task,
        atNs: this.#atNs,
      },
    ];
  }

  readings(): Reading[] {
    return [
      { rule: "work-conservation", severity: "error", ratio: this.#ratio.error },
      { rule: "work-conservation", severity: "warning", ratio: this.#ratio.warning },
    ];
  }
}
