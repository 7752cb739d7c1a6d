// A stall of which only the kernel's log line is there: it names the task that waited, not the reason. Pure;
// called by stall.ts.

import { escapedTail } from "../analysis/escaped-text.ts";
import type { Cause } from "./cause.ts";
import type { ExitHead, ExitReport } from "./exit-report.ts";
import { notDispatched } from "./not-dispatched.ts";
import { namedTask } from "./stalled-task.ts";
import { nameCharsMax } from "./task-words.ts";

/** The timer's stack above a CPU that had nothing to do. */
const idleFrame =
  /^(?:default_idle|cpuidle_enter|cpuidle_idle_call|intel_idle|acpi_idle|do_idle|arch_cpu_idle)/;

export function logStall(report: ExitReport, exit: ExitHead): Cause {
  const named = namedTask(exit.message);
  const who =
    named === null
      ? "the kernel's watchdog"
      : `${escapedTail(named.comm, nameCharsMax)}[${named.pid}]`;
  const seconds = named?.seconds ?? /(\d{1,9}\.\d{3})s$/.exec(exit.message)?.[1] ?? "some";
  const victim = { comm: named?.comm ?? "worker", pinnedTo: null };
  const reproduction = { kind: "mix", victim } as const;
  if (exit.backtrace.some((frame) => idleFrame.test(frame))) {
    return {
      id: "stall/nothing-dispatched",
      blame: "scheduler",
      summary: `For ${seconds} s not even ${who} was run, though a CPU was idle when the kernel noticed: the scheduler had stopped handing out tasks.`,
      evidence: [],
      remedy: notDispatched,
      reproduction,
    };
  }
  const above = report.remarks.some((line) => /RT throttling activated|server disabled/.test(line));
  return {
    id: "stall/unexplained",
    blame: "unknown",
    summary: `For ${seconds} s ${who} was not run, so the kernel ejected the scheduler. The log does not tell what kept it waiting: the scheduler, or ${above ? "(which its other lines suggest) " : ""}a real-time task that had the CPU, which no scheduler can help.`,
    evidence: [],
    remedy: [
      "Give the kernel's dump, which most schedulers print when they are ejected (DEBUG DUMP …): it says in which queue the task waited and what its CPU was doing.",
      "See whether the policy does it by itself: `schedcp simulate POLICY`, and with the scenario of this explanation.",
      "Look for tasks that outrank every scheduler: `ps -eLo pid,cls,rtprio,psr,pcpu,comm | grep -E ' (FF|RR|DLN) '`.",
    ],
    reproduction,
  };
}
