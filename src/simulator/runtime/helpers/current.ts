// Helpers that tell what runs where and when: clocks, random numbers, the CPU, the current task
// (kernel/bpf/helpers.c, kernel/trace/bpf_trace.c). All clocks are the simulation's.

import { tickNs } from "../../core/constants.ts";
import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import type { Surroundings } from "../surroundings.ts";

const COMM_BYTES = 16;

export function currentHelpers(surroundings: Surroundings): [number, Call][] {
  const { cpus, tasks, cgroups, memory } = surroundings;
  const now = (): number => surroundings.kernel.now();
  /** Coarse clocks and jiffies move with the tick. */
  const ticked = (): number => Math.floor(now() / tickNs) * tickNs;
  const current = (): number => surroundings.currentTask();
  const currentCgroup = (): number => tasks.cgroupOf(surroundings.kernel.currentTask());
  return [
    [5, declare("ktime_get_ns", "ns", "", now)],
    [125, declare("ktime_get_boot_ns", "ns", "", now)],
    [160, declare("ktime_get_coarse_ns", "ns", "", ticked)],
    [208, declare("ktime_get_tai_ns", "ns", "", now)],
    [118, declare("jiffies64", "ns", "", () => Math.floor(now() / tickNs))],
    [7, declare("get_prandom_u32", "u32", "", () => surroundings.kernel.random() >>> 0)],
    [8, declare("get_smp_processor_id", "u32", "", () => surroundings.kernel.currentCpu())],
    [
      42,
      declare(
        "get_numa_node_id",
        "u32",
        "",
        () => cpus.topology.nodeOf[surroundings.kernel.currentCpu()] ?? 0,
      ),
    ],
    [35, declare("get_current_task", "ptr", "", current)],
    [158, declare("get_current_task_btf", "ptr", "", current)],
    [
      14,
      declare("get_current_pid_tgid", "u64", "", () => {
        const task = current();
        surroundings.machine.setHigh(tasks.tgidOf(task));
        return tasks.pidOf(task);
      }),
    ],
    // Everybody is root.
    [15, declare("get_current_uid_gid", "u64", "", () => setHigh(surroundings, 0))],
    [
      16,
      declare("get_current_comm", "s32", "ptr u32", (to = 0, size = 0) => {
        surroundings.target(to, size);
        const bytes = Math.min(size, COMM_BYTES);
        memory.bytes.fill(0, to, to + size);
        memory.bytes.copyWithin(to, tasks.commAt(current()), tasks.commAt(current()) + bytes);
        if (bytes > 0) memory.bytes[to + bytes - 1] = 0;
        return 0;
      }),
    ],
    [80, declare("get_current_cgroup_id", "ns", "", () => cgroups.idOf(currentCgroup()))],
    [
      123,
      declare("get_current_ancestor_cgroup_id", "ns", "s32", (level = 0) => {
        const ancestor = cgroups.ancestor(currentCgroup(), level);
        return ancestor < 0 ? 0 : cgroups.idOf(ancestor);
      }),
    ],
    [
      120,
      declare("get_ns_current_pid_tgid", "s32", "u64 u64 ptr u32", (...values) => {
        const [, , , , to = 0, size = 0] = values;
        if (size !== 8) return errno.invalid;
        surroundings.target(to, size);
        surroundings.view.setUint32(to, tasks.pidOf(current()), true);
        surroundings.view.setUint32(to + 4, tasks.tgidOf(current()), true);
        return 0;
      }),
    ],
  ];
}

function setHigh(surroundings: Surroundings, high: number): number {
  surroundings.machine.setHigh(high);
  return 0;
}
