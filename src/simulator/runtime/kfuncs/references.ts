// Kfuncs that take and give back references to tasks and cgroups, and find them (kernel/bpf/helpers.c).

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import type { Surroundings } from "../surroundings.ts";
import { wordOf } from "../words.ts";

export function referenceKfuncs(surroundings: Surroundings): Call[] {
  const { tasks, cgroups } = surroundings;
  const fromPid = (pid: number): number => {
    const task = surroundings.taskPointer(surroundings.kernel.taskFromPid(pid));
    if (task !== 0) tasks.acquire(task);
    return task;
  };
  const same = (pointer: number): number => pointer;
  return [
    declare("bpf_task_acquire", "ptr", "ptr", (task = 0) => {
      surroundings.task(task);
      tasks.acquire(task);
      return task;
    }),
    declare("bpf_task_release", "void", "ptr", (task = 0) => {
      surroundings.task(task);
      tasks.release(task);
      return undefined;
    }),
    declare("bpf_task_from_pid", "ptr", "s32", fromPid),
    // There is one pid namespace.
    declare("bpf_task_from_vpid", "ptr", "s32", fromPid),
    declare("bpf_cgroup_acquire", "ptr", "ptr", (cgroup = 0) => {
      surroundings.cgroup(cgroup);
      return cgroup;
    }),
    declare("bpf_cgroup_release", "void", "ptr", (cgroup = 0) => {
      surroundings.cgroup(cgroup);
      return undefined;
    }),
    declare("bpf_cgroup_ancestor", "ptr", "ptr s32", (cgroup = 0, level = 0) =>
      cgroups.addressOf(cgroups.ancestor(surroundings.cgroup(cgroup), level)),
    ),
    declare("bpf_cgroup_from_id", "ptr", "u64", (low = 0, high = 0) =>
      cgroups.addressOf(cgroups.byId(wordOf(low, high))),
    ),
    declare("bpf_task_under_cgroup", "s32", "ptr ptr", (task = 0, ancestor = 0) => {
      const of = tasks.cgroupOf(surroundings.task(task));
      const above = surroundings.cgroup(ancestor);
      return cgroups.ancestor(of, cgroups.level(above)) === above ? 1 : 0;
    }),
    // Both only change what the kernel's verifier takes a pointer for.
    declare("bpf_cast_to_kern_ctx", "ptr", "ptr", same),
    declare("bpf_rdonly_cast", "ptr", "ptr u32", same),
  ];
}
