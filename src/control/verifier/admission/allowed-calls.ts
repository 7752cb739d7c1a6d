// The helpers and kfuncs that a policy may call: what a scheduler needs to decide, and nothing with which
// it could tell, write or break anything beside its own memory. The kernel's verifier says in which op
// each may be called (stage load); this list says which are called at all. Called by calls.ts.

/** BPF helpers by the kernel's names (enum bpf_func_id), without `bpf_`. */
export const allowedHelpers: ReadonlySet<string> = new Set([
  ...["map_lookup_elem", "map_update_elem", "map_delete_elem", "map_lookup_percpu_elem"],
  ...["map_push_elem", "map_pop_elem", "map_peek_elem", "for_each_map_elem"],
  ...["task_storage_get", "task_storage_delete", "cgrp_storage_get", "cgrp_storage_delete"],
  ...["loop", "timer_init", "timer_set_callback", "timer_start", "timer_cancel"],
  ...["spin_lock", "spin_unlock", "kptr_xchg", "per_cpu_ptr", "this_cpu_ptr"],
  ...["ktime_get_ns", "ktime_get_boot_ns", "ktime_get_coarse_ns", "jiffies64"],
  ...["get_smp_processor_id", "get_numa_node_id", "get_prandom_u32"],
  ...["get_current_task_btf", "get_current_pid_tgid", "get_current_comm"],
  ...["get_current_cgroup_id", "get_current_ancestor_cgroup_id"],
  ...["probe_read_kernel", "probe_read_kernel_str", "strncmp", "strtol", "strtoul", "snprintf"],
  ...["dynptr_from_mem", "dynptr_read", "dynptr_write", "dynptr_data"],
]);

/** Kfuncs by name or, with a `*`, by the beginning of it. */
const allowedKfuncs = [
  "scx_bpf_*",
  "__scx_bpf_*",
  "bpf_cpumask_*",
  ...["bpf_iter_num_*", "bpf_iter_bits_*", "bpf_iter_scx_dsq_*"],
  ...["bpf_iter_task_*", "bpf_iter_css_*"],
  ...["bpf_task_acquire", "bpf_task_release", "bpf_task_from_pid", "bpf_task_from_vpid"],
  ...["bpf_task_under_cgroup", "bpf_task_get_cgroup1"],
  ...["bpf_cgroup_acquire", "bpf_cgroup_release", "bpf_cgroup_ancestor", "bpf_cgroup_from_id"],
  ...["bpf_rcu_read_lock", "bpf_rcu_read_unlock"],
  ...["bpf_obj_new*", "bpf_obj_drop*", "bpf_percpu_obj_*", "bpf_refcount_acquire*"],
  ...["bpf_list_*", "bpf_rbtree_*", "bpf_res_spin_*", "bpf_arena_*"],
  ...["bpf_rdonly_cast", "bpf_cast_to_kern_ctx", "bpf_map_sum_elem_count"],
  ...["bpf_str*", "bpf_dynptr_*"],
  ...["bpf_preempt_disable", "bpf_preempt_enable", "bpf_local_irq_save", "bpf_local_irq_restore"],
];

/** Taken out of what a beginning allows. */
const refusedKfuncs: ReadonlySet<string> = new Set(["scx_bpf_sub_dispatch"]);

const exact = new Set(allowedKfuncs.filter((name) => !name.endsWith("*")));
const beginnings = allowedKfuncs
  .filter((name) => name.endsWith("*"))
  .map((name) => name.slice(0, -1));

export function isAllowedKfunc(name: string): boolean {
  if (refusedKfuncs.has(name)) return false;
  return exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}
