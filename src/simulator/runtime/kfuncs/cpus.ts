// Kfuncs about CPUs, tasks on them, time and the machine's size (scx_kfunc_ids_any in
// kernel/sched/ext/ext.c), and those by which a policy leaves.

import type { OpName } from "../../core/policy-ops.ts";
import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { argumentsAt, format } from "../format.ts";
import type { Surroundings } from "../surroundings.ts";

/** Ops that are called with the rq lock held, on the task's or the CPU's rq. */
const lockedOps: ReadonlySet<OpName> = new Set([
  "enqueue",
  "dequeue",
  "dispatch",
  "tick",
  "runnable",
  "running",
  "stopping",
  "quiescent",
  "yield",
  "set_weight",
  "set_cpumask",
  "update_idle",
  "cpu_acquire",
  "cpu_release",
  "enable",
  "disable",
  "cgroup_move",
]);

export function cpuKfuncs(surroundings: Surroundings): Call[] {
  const { cpus, tasks } = surroundings;
  return [
    declare("scx_bpf_kick_cpu", "void", "s32 u64", (cpu = 0, flags = 0) => {
      surroundings.kernel.kick(cpu, flags);
      return undefined;
    }),
    declare("scx_bpf_task_running", "bool", "ptr", (task = 0) => {
      const index = surroundings.task(task);
      if (index < 0) return surroundings.kernel.cpuCurrent(-1 - index) < 0 ? 1 : 0;
      return surroundings.kernel.taskRunning(index) ? 1 : 0;
    }),
    declare("scx_bpf_task_cpu", "s32", "ptr", (task = 0) => {
      const index = surroundings.task(task);
      return index < 0 ? -1 - index : surroundings.kernel.taskCpu(index);
    }),
    declare("scx_bpf_cpu_rq", "ptr", "s32", (cpu = 0) =>
      surroundings.validCpu(cpu) ? cpus.rq(cpu) : 0,
    ),
    declare("scx_bpf_locked_rq", "ptr", "", () => {
      const cpu = lockedCpu(surroundings);
      if (cpu >= 0) return cpus.rq(cpu);
      surroundings.kernel.runtimeError("accessing rq without holding rq lock");
      return 0;
    }),
    declare("scx_bpf_cpu_curr", "ptr", "s32", (cpu = 0) => {
      if (!surroundings.validCpu(cpu)) return 0;
      const task = surroundings.kernel.cpuCurrent(cpu);
      return task < 0 ? tasks.idleAddress(cpu) : tasks.addressOf(task);
    }),
    declare("scx_bpf_task_cgroup", "ptr", "ptr", (task = 0) => {
      const index = surroundings.task(task);
      return surroundings.cgroups.addressOf(index < 0 ? 0 : surroundings.kernel.cgroupOf(index));
    }),
    declare("scx_bpf_now", "ns", "", () => surroundings.kernel.now()),
    declare("scx_bpf_nr_cpu_ids", "u32", "", () => cpus.count),
    declare("scx_bpf_nr_node_ids", "u32", "", () => surroundings.idleMasks.nodes),
    declare("scx_bpf_cpuperf_cap", "u32", "s32", (cpu = 0) =>
      surroundings.validCpu(cpu) ? surroundings.kernel.cpuperfCapacity(cpu) : 1024,
    ),
    declare("scx_bpf_cpuperf_cur", "u32", "s32", (cpu = 0) =>
      surroundings.validCpu(cpu) ? surroundings.kernel.cpuperfCurrent(cpu) : 1024,
    ),
    declare("scx_bpf_cpuperf_set", "void", "s32 u32", (cpu = 0, performance = 0) => {
      if (surroundings.validCpu(cpu)) surroundings.kernel.cpuperfSet(cpu, performance);
      return undefined;
    }),
    // The counters of fallbacks and bypasses: nobody counts here, so all are 0.
    declare("scx_bpf_events", "void", "ptr u64", (events = 0, size = 0) => {
      surroundings.memory.bytes.fill(0, surroundings.target(events, size), events + size);
      return undefined;
    }),
    declare("scx_bpf_nr_cids", "u32", "", () => cpus.count),
    declare("scx_bpf_nr_online_cids", "u32", "", () => {
      let online = 0;
      for (let cpu = 0; cpu < cpus.count; cpu += 1)
        if (surroundings.kernel.isOnline(cpu)) online += 1;
      return online;
    }),
    // No cgroup has a scheduler of its own here.
    declare("scx_bpf_sub_dispatch", "bool", "u64", () => 0),
    ...exitKfuncs(surroundings),
  ];
}

function lockedCpu(surroundings: Surroundings): number {
  const { op, opTask, kernel } = surroundings;
  if (op === null || !lockedOps.has(op)) return -1;
  return opTask >= 0 ? kernel.taskCpu(opTask) : kernel.currentCpu();
}

function exitKfuncs(surroundings: Surroundings): Call[] {
  const message = (formatAt: number, data: number, size: number): string => {
    const text = format(surroundings, formatAt, argumentsAt(surroundings, data, size));
    return typeof text === "string" ? text : `failed to format the message (${text})`;
  };
  return [
    declare("scx_bpf_error_bstr", "void", "ptr ptr u32", (formatAt = 0, data = 0, size = 0) => {
      surroundings.kernel.fail(message(formatAt, data, size));
      return undefined;
    }),
    declare(
      "scx_bpf_exit_bstr",
      "void",
      "u64 ptr ptr u32",
      (low = 0, high = 0, formatAt = 0, data = 0, size = 0) => {
        const code = (high | 0) * 2 ** 32 + (low >>> 0);
        surroundings.kernel.leave(code, message(formatAt, data, size));
        return undefined;
      },
    ),
    declare(
      "bpf_stream_vprintk",
      "s32",
      "s32 ptr ptr u32",
      (_stream = 0, formatAt = 0, data = 0, size = 0) => {
        const text = message(formatAt, data, size);
        surroundings.print(text.replace(/\n$/, ""));
        return text.length;
      },
    ),
    declare("bpf_stream_print_stack", "s32", "s32", () => 0),
    declare("scx_bpf_dump_bstr", "void", "ptr ptr u32", (formatAt = 0, data = 0, size = 0) => {
      surroundings.print(message(formatAt, data, size));
      return undefined;
    }),
  ];
}
