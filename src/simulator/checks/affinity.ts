// Affinity violation: a task runs on, or is put to, a CPU that it may not use. The kernel refuses it:
// task_can_run_on_remote_rq() and the check in dispatch_to_local_dsq() make it an error of the policy
// ("... cannot be dispatched to"). No bound: one is too many. A task whose affinity changes while it
// runs is moved by the kernel, so only where a task *starts* to run counts.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord } from "./ledger.ts";
import { taskWords } from "./words.ts";

export class Affinity implements Check {
  #count = 0;
  #task: TaskRecord | null = null;
  #cpu = -1;
  #atNs = 0;
  #ran = false;

  running(now: number, task: TaskRecord, cpu: number): void {
    if (task.set.allowed[cpu] !== 1) this.#note(now, task, cpu, true);
  }

  misplaced(now: number, task: TaskRecord, cpu: number): void {
    this.#note(now, task, cpu, false);
  }

  #note(now: number, task: TaskRecord, cpu: number, ran: boolean): void {
    this.#count += 1;
    if (this.#task !== null) return;
    this.#task = task;
    this.#cpu = cpu;
    this.#atNs = now;
    this.#ran = ran;
  }

  finish(_end: RunEnd): Violation[] {
    if (this.#task === null) return [];
    const cpus = this.#task.set.cpus;
    const shown = cpus.slice(0, 8).join(", ") + (cpus.length > 8 ? ", ..." : "");
    return [
      {
        rule: "affinity",
        severity: "error",
        message: `${taskWords(this.#task)} was ${this.#ran ? "run on" : "dispatched to"} CPU ${this.#cpu}, but may use only ${cpus.length === 1 ? "CPU" : "CPUs"} ${shown}.`,
        hint: "Before SCX_DSQ_LOCAL_ON | cpu, test bpf_cpumask_test_cpu(cpu, p->cpus_ptr); pick CPUs with scx_bpf_pick_idle_cpu(p->cpus_ptr, 0) or scx_bpf_pick_any_cpu(p->cpus_ptr, 0). Affinity may change while a task waits: test again in dispatch().",
        task: this.#task,
        atNs: this.#atNs,
      },
    ];
  }

  readings(): Reading[] {
    return [{ rule: "affinity", severity: "error", ratio: this.#count }];
  }
}
