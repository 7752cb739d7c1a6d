// Names of the arguments of ops (struct sched_ext_ops in kernel/sched/ext/internal.h): the kernel's BTF
// has their types, but a prototype behind a pointer carries no names.

const parameters: Readonly<Record<string, readonly string[]>> = {
  select_cpu: ["p", "prev_cpu", "wake_flags"],
  enqueue: ["p", "enq_flags"],
  dequeue: ["p", "deq_flags"],
  dispatch: ["cpu", "prev"],
  tick: ["p"],
  runnable: ["p", "enq_flags"],
  running: ["p"],
  stopping: ["p", "runnable"],
  quiescent: ["p", "deq_flags"],
  yield: ["from", "to"],
  core_sched_before: ["a", "b"],
  set_weight: ["p", "weight"],
  set_cpumask: ["p", "cpumask"],
  update_idle: ["cpu", "idle"],
  cpu_acquire: ["cpu", "args"],
  cpu_release: ["cpu", "args"],
  init_task: ["p", "args"],
  exit_task: ["p", "args"],
  enable: ["p"],
  disable: ["p"],
  dump: ["ctx"],
  dump_cpu: ["ctx", "cpu", "idle"],
  dump_task: ["ctx", "p"],
  cgroup_init: ["cgrp", "args"],
  cgroup_exit: ["cgrp"],
  cgroup_prep_move: ["p", "from", "to"],
  cgroup_move: ["p", "from", "to"],
  cgroup_cancel_move: ["p", "from", "to"],
  cgroup_set_weight: ["cgrp", "weight"],
  cgroup_set_bandwidth: ["cgrp", "period_us", "quota_us", "burst_us"],
  cgroup_set_idle: ["cgrp", "idle"],
  cpu_online: ["cpu"],
  cpu_offline: ["cpu"],
  exit: ["ei"],
};

export function parameterName(op: string, index: number): string {
  return parameters[op]?.[index] ?? `argument ${index}`;
}

/** Ops that run for every decision; a slow or noisy one slows the machine. */
export const hotOps: ReadonlySet<string> = new Set([
  ...["select_cpu", "enqueue", "dequeue", "dispatch", "tick", "runnable", "running", "stopping"],
  ...["quiescent", "yield", "core_sched_before", "set_weight", "set_cpumask", "update_idle"],
  ...["cpu_acquire", "cpu_release", "timer"],
]);

/** Ops whose error makes a fork, an exec or a move between cgroups fail: they run for every task. */
export const forkPathOps: ReadonlySet<string> = new Set([
  ...["init_task", "cgroup_init", "cgroup_prep_move"],
]);
