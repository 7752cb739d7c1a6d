// Declares the calls of a table in one line each, and says which of sched_ext's ops may make them
// (scx_kf_allow_flags and the scx_kfunc_ids_* sets in kernel/sched/ext/ext.c).

import type { OpName } from "../core/policy-ops.ts";
import type { ArgumentType, Call, ResultType } from "../machine/calls.ts";

/** Ops that run without a run queue's lock. */
const unlocked = [
  "init_task",
  "cgroup_init",
  "cgroup_exit",
  "cgroup_prep_move",
  "cgroup_cancel_move",
  "cgroup_set_weight",
  "cgroup_set_bandwidth",
  "cgroup_set_idle",
  "cpu_online",
  "cpu_offline",
  "init",
  "exit",
] as const;

export const callers = {
  any: null,
  selectCpu: ["select_cpu", "enqueue"],
  enqueue: ["select_cpu", "enqueue", "dispatch"],
  dispatch: ["dispatch"],
  cpuRelease: ["cpu_release"],
  unlocked,
  /** Both of the sets that hold the scx_bpf_dsq_move family. */
  move: ["dispatch", ...unlocked],
} as const satisfies Record<string, readonly OpName[] | null>;

/** One call. Arguments by their types, separated by spaces: "ptr u64 u32". */
export function declare(
  name: string,
  result: ResultType,
  argumentTypes: string,
  run: Call["run"],
  ops: readonly OpName[] | null = null,
): Call {
  const types = argumentTypes === "" ? [] : argumentTypes.split(" ");
  return { name, arguments: types as ArgumentType[], result, ops, run };
}

export function byName(calls: readonly Call[]): Map<string, Call> {
  return new Map(calls.map((call) => [call.name, call]));
}
