// Why a task was not run for so long that the kernel's watchdog ejected the scheduler (check_rq_for_timeouts(),
// scx_tick()). First of all: whether a task of a class above sched_ext had the CPU, which no scheduler can
// help (scx issues 1202 and 1504). Pure.

import type { Cause } from "./cause.ts";
import type { DumpedTask, ExitHead, ExitReport } from "./exit-report.ts";
import { behindHigherClass, takenByHigherClass } from "./higher-class.ts";
import { logStall } from "./log-stall.ts";
import { notDispatched } from "./not-dispatched.ts";
import { evidenceOf } from "./stall-evidence.ts";
import {
  endlessSlice,
  fellowSufferers,
  findStalledTask,
  globalDsq,
  isAbove,
  isTiedToTaken,
  localDsq,
  type StalledTask,
  victimOf,
} from "./stalled-task.ts";
import { currentOf, nameOf, queueName } from "./task-words.ts";

/** A slice that keeps a CPU longer than any watchdog waits. */
const longSliceNs = 1_000_000_000n;

export function stallCause(report: ExitReport, exit: ExitHead): Cause {
  const watchdog = exit.message.startsWith("watchdog failed to check in");
  const stalled = findStalledTask(report, exit.message);
  if (stalled === null) return logStall(report, exit);
  const { task, on, idle, pinned } = stalled;
  const evidence = evidenceOf(report, stalled);
  const named = nameOf(task);
  if (isTiedToTaken(report, stalled)) return takenByHigherClass(stalled, evidence);
  if (isAbove(on)) return behindHigherClass(stalled, evidence);

  const judged = {
    evidence,
    blame: "scheduler",
    reproduction: { kind: "mix", victim: victimOf(stalled) },
  } as const;
  const others = fellowSufferers(report, stalled);
  const hog = report.cpus
    .filter((cpu) => stalled.allowed.includes(cpu.cpu))
    .flatMap((cpu) => cpu.tasks)
    .find((each) => each.current && each.slice !== null && each.slice > longSliceNs);
  if (watchdog && others.length > 0 && task.ownedByPolicy && task.dsq === null) {
    return {
      ...judged,
      id: "stall/nothing-dispatched",
      summary: `The scheduler stopped handing out tasks: ${others.length + 1} of them were waiting in its hands, the kernel's own watchdog worker among those that could not run.`,
      remedy: notDispatched,
    };
  }
  if (task.dsq === null && task.ownedByPolicy) {
    return {
      ...judged,
      id: "stall/not-dispatched",
      summary: `${named} was in none of the kernel's queues: enqueue() took it and nobody ever dispatched it${idle.length > 0 ? `, though CPU ${idle[0]} was idle` : ""}. A path of enqueue() that returns without inserting the task loses it; a policy with queues of its own has forgotten it there.`,
      remedy: notDispatched,
    };
  }
  if (hog !== undefined && task.dsq !== null) {
    return {
      ...judged,
      id: "stall/endless-slice",
      summary: `${named} waited behind ${nameOf(hog)}, whose slice ${hog.slice === endlessSlice ? "never ends (SCX_SLICE_INF)" : `is ${Number((hog.slice ?? 0n) / 1_000_000n)} ms`}.`,
      remedy: [
        "Give every task a slice that ends (SCX_SLICE_DFL, or a few ms), or preempt the CPU when somebody waits: scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT).",
      ],
    };
  }
  if (pinned && others.every((each) => each.cpus?.length === 1)) {
    return {
      ...judged,
      id: "stall/pinned-task",
      summary: `${named} may run on CPU ${stalled.allowed[0]} only, and dispatch() on that CPU never took it from ${queueName(task.dsq)}.`,
      remedy: [
        "Put tasks that may use one CPU only straight on that CPU: `if (p->nr_cpus_allowed == 1) scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | scx_bpf_task_cpu(p), slice, enq_flags);`, and wake it: scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE).",
        "Or let dispatch() of every CPU look into every queue that can hold such a task.",
      ],
    };
  }
  return queueCause(stalled, others, judged);
}

function queueCause(
  { task, on, idle }: StalledTask,
  others: readonly DumpedTask[],
  judged: Pick<Cause, "evidence" | "blame" | "reproduction">,
): Cause {
  const named = nameOf(task);
  const queue = queueName(task.dsq);
  if (task.dsq !== null && task.dsq !== globalDsq && task.dsq !== localDsq && idle.length > 0) {
    return {
      ...judged,
      id: "stall/undrained-queue",
      summary: `${named} waited in ${queue}, which nobody emptied: CPU ${idle[0]}, which it may use, was idle meanwhile. Either dispatch() never takes from that queue, or that CPU was not woken for it.`,
      remedy: [
        `Take from that queue in dispatch() on every CPU that its tasks may use: scx_bpf_dsq_move_to_local(${task.dsq}).`,
        "Wake an idle CPU after inserting: scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE), with a CPU of scx_bpf_pick_idle_cpu(p->cpus_ptr, 0).",
      ],
    };
  }
  const later = others.filter((each) => each.dsq === task.dsq && each.vtime !== null);
  const overtaken =
    task.byVtime &&
    later.some((each) => each.vtime !== null && task.vtime !== null && each.vtime < task.vtime);
  if (task.dsq !== null && task.dsq !== localDsq) {
    return {
      ...judged,
      id: overtaken ? "stall/overtaken" : "stall/queue-not-served",
      summary: overtaken
        ? `${named} waited in ${queue}, which is ordered by virtual time, and others with smaller virtual times kept going first.`
        : `${named} waited in ${queue} while the CPUs that it may use ran others: the queue is not served, or always last.`,
      remedy: [
        "Serve every queue in bounded time: let waiting raise a task's rank (ageing), or serve queues in turn instead of strictly by priority.",
        "With virtual time: charge what was used (`p->scx.dsq_vtime += used * 100 / p->scx.weight`), and never let a task that wakes start far behind the others: clamp it to vtime_now minus one slice.",
      ],
    };
  }
  return {
    ...judged,
    id: "stall/behind-others",
    summary: `${named} waited ${task.dsq === null ? "" : `in ${queue} `}behind ${currentOf(on)} on CPU ${on.cpu}, which kept running.`,
    remedy: [
      "Keep slices short (a few ms), and spread tasks: a task on a CPU's own queue can't be taken by another CPU.",
    ],
  };
}
