// Stalls in which a task of a class above sched_ext had the CPU: a real-time or a deadline task. What that
// keeps waiting is not the scheduler's doing (scx issues 1202 and 1504). Pure; called by stall.ts.

import type { Cause } from "./cause.ts";
import { type StalledTask, victimOf } from "./stalled-task.ts";
import { cpuList, currentOf, nameOf } from "./task-words.ts";

const aboveWords: Readonly<Record<string, string>> = {
  rt_sched_class: "a real-time task (SCHED_FIFO or SCHED_RR)",
  dl_sched_class: "a deadline task (SCHED_DEADLINE)",
  stop_sched_class: "the kernel's stopper",
};

export function takenByHigherClass(stalled: StalledTask, evidence: string[]): Cause {
  const { on, taken } = stalled;
  const holder = taken.find((cpu) => cpu.cpu === on.cpu) ?? taken[0] ?? on;
  const who = currentOf(holder);
  const deadline = holder.currentClass === "dl_sched_class";
  return {
    id: deadline ? "stall/deadline-task" : "stall/real-time-task",
    blame: holder.currentClass === "stop_sched_class" ? "kernel" : "real-time-task",
    summary: `CPU ${holder.cpu} was taken by ${aboveWords[holder.currentClass] ?? "a task of a higher class"}, ${who}, and ${nameOf(stalled.task)} ${stalled.pinned ? "may run nowhere else" : "was waiting for that CPU"}. The scheduler is not to blame: such tasks outrank every sched_ext scheduler, as they outrank the kernel's default.`,
    evidence,
    remedy: [
      `Find out which such tasks never leave CPU ${holder.cpu}: \`ps -eLo pid,cls,rtprio,psr,pcpu,comm | grep -E ' (FF|RR|DLN) '\`; ${who} was on it when the kernel looked. Mend that one, lower it (\`chrt -o -p 0 ${holder.currentPid}\`), or give it a CPU of its own.`,
      "Let the kernel bound them: keep /proc/sys/kernel/sched_rt_runtime_us below sched_rt_period_us (950000 of 1000000), and on kernels that have it the deadline server of sched_ext on (/sys/kernel/debug/sched/ext_server/cpu*/runtime is not 0).",
      "Reports of this kind: https://github.com/sched-ext/scx/issues/1202 and /1504. The scheduler can be loaded again once the CPU is free.",
    ],
    reproduction: { kind: "real-time", cpu: holder.cpu, victim: victimOf(stalled) },
  };
}

/** A task of a higher class is there, but the task could have run elsewhere. */
export function behindHigherClass(stalled: StalledTask, evidence: string[]): Cause {
  const { on, task, allowed, taken } = stalled;
  const who = currentOf(on);
  const free = allowed.filter((cpu) => !taken.some((each) => each.cpu === cpu));
  return {
    id: "stall/behind-real-time-task",
    blame: "unknown",
    summary: `${nameOf(task)} waited on CPU ${on.cpu}, which ${who}, ${aboveWords[on.currentClass] ?? "a task of a higher class"}, had for itself; but it may use ${cpuList(free)} too, and the scheduler did not put it there. Both have a part in it: without the one the task would have run, and a more careful scheduler would have moved it.`,
    evidence,
    remedy: [
      `Look at ${who}: a real-time task must leave the CPU now and then (https://github.com/sched-ext/scx/issues/1202 and /1504).`,
      "In the scheduler: keep tasks in queues that several CPUs take from, and give back what waits on a CPU that a higher class takes: scx_bpf_reenqueue_local() from cpu_release().",
    ],
    reproduction: { kind: "real-time", cpu: on.cpu, victim: victimOf(stalled) },
  };
}
