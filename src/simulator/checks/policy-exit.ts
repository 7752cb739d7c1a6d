// Runtime error and stall: the kernel ejects the policy, in its own words. Kinds: enum scx_exit_kind in
// kernel/sched/ext_internal.h. 64, 66 and 67 are no failures (unregistered, by the kernel for CPU hotplug,
// by SysRq); 1024 and 1025 are errors of the policy; 1026 is the watchdog's. 65, a policy that leaves by
// itself, is an error too, unless it asks for a restart: under a load as ordinary as the suite's it is
// nothing to rely on, and what came after was not tested.
//
// A stall is an error except where its weight alone justifies the wait: by the time the watchdog fired
// the task had earned less than one slice (SCX_SLICE_DFL, 20 ms) by its weight, though a slice or more as
// an equal of all that were runnable (affinity-class.ts). That is a warning: the policy's timeout_ms is
// too short for such weights, or it needs an age limit. Where it had not earned a slice as an equal
// either, timeout_ms is shorter than one round of equal turns under this load: any policy would be ejected
// before it has shown what it does, and a node that imposes its own timeout would then run it unseen.

import { sliceDefaultNs } from "../core/constants.ts";
import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { duration, placeWords, safeText, taskWords } from "./words.ts";

const exitKind = { byBpf: 65, error: 1024, stall: 1026 } as const;
/** SCX_ECODE_ACT_RESTART: asks to be loaded again, as after CPU hotplug. */
const restartCode = 2 ** 48;

export class ExitOfPolicy implements Check {
  #longest: Wait | null = null;
  #earnedAsEqualNs = 0;
  #task: TaskRecord | null = null;
  #place = "";
  #exited = 0;

  waitEnded(_now: number, task: TaskRecord, wait: Wait): void {
    if (!wait.open || wait.ns <= (this.#longest?.ns ?? 0)) return;
    this.#longest = wait;
    this.#earnedAsEqualNs = task.earnedAsEqual;
    this.#task = task;
    this.#place = placeWords(task, wait.held);
  }

  finish(end: RunEnd): Violation[] {
    const { exit, nowNs } = end;
    if (exit === null || exit.kind < exitKind.byBpf) return [];
    const words = `${safeText(exit.reason, 64)} (${safeText(exit.message, 200)})`;
    if (exit.kind < exitKind.error) {
      if (exit.kind !== exitKind.byBpf || exit.code >= restartCode) return [];
      return [
        {
          rule: "runtime-error",
          severity: "error",
          message: `the policy left by itself after ${duration(nowNs)}: ${words}.`,
          hint: "Leave (scx_bpf_exit) only where the policy can't go on; all tasks then fall back to the default scheduler.",
          task: null,
          atNs: nowNs,
        },
      ];
    }
    this.#exited = 1;
    if (exit.kind === exitKind.stall) return [this.#stall(words, nowNs)];
    return [
      {
        rule: "runtime-error",
        severity: "error",
        message: `the kernel ejects the policy after ${duration(nowNs)}: ${words}.`,
        hint: hintFor(exit.message),
        task: null,
        atNs: nowNs,
      },
    ];
  }

  #stall(words: string, nowNs: number): Violation {
    const short = this.#longest !== null && this.#longest.earnedNs < sliceDefaultNs;
    const justified = short && this.#earnedAsEqualNs >= sliceDefaultNs;
    const who =
      this.#task === null || this.#longest === null
        ? ""
        : ` ${taskWords(this.#task)} had waited ${duration(this.#longest.ns)}, ${this.#place}, and earned ${duration(this.#longest.earnedNs)} of CPU time meanwhile.`;
    return {
      rule: "stall",
      severity: justified ? "warning" : "error",
      message: `the kernel's watchdog ejects the policy after ${duration(nowNs)}: ${words}.${who}`,
      hint: short
        ? "The wait is what its share earns: raise .timeout_ms to 30000, or serve whoever has waited some seconds whatever its weight."
        : "Dispatch every task some time: let dispatch() on every CPU consume every queue that enqueue() fills, at any time of the policy's life.",
      task: this.#task,
      atNs: nowNs,
    };
  }

  readings(): Reading[] {
    return [{ rule: "runtime-error", severity: "error", ratio: this.#exited }];
  }
}

/** The kernel's words → what to do. First match wins. */
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /non-existent DSQ|invalid DSQ/i,
    "Create every DSQ in init() with scx_bpf_create_dsq(id, -1) (init must be sleepable: BPF_STRUCT_OPS_SLEEPABLE) and insert only to ids that exist; the id must be below 1 << 63.",
  ],
  [
    /cannot (move|be dispatched)|not allowed|affinity/i,
    "Test bpf_cpumask_test_cpu(cpu, p->cpus_ptr) and that the CPU is online before SCX_DSQ_LOCAL_ON | cpu; affinity may change while a task waits.",
  ],
  [
    /FIFO|vtime|PRIQ/,
    "Use one DSQ either with scx_bpf_dsq_insert() or with scx_bpf_dsq_insert_vtime(), not both; built-in DSQs take no vtime.",
  ],
  [
    /already|direct dispatch|double/i,
    "Insert a task once per enqueue: return after the first scx_bpf_dsq_insert(), and don't insert in both select_cpu() and enqueue().",
  ],
  [
    /buffer|slots|overflow/i,
    "Insert at most dispatch_max_batch tasks per dispatch(): stop when scx_bpf_dispatch_nr_slots() is 0.",
  ],
  [
    /invalid CPU|CPU -?[0-9]+/i,
    "Return a CPU below scx_bpf_nr_cpu_ids() from select_cpu(), never a negative errno of a kfunc: fall back to prev_cpu.",
  ],
];

function hintFor(message: string): string {
  return (
    hints.find(([words]) => words.test(message))?.[1] ??
    "Mend what the kernel's words name: the policy did something that sched_ext does not allow."
  );
}
