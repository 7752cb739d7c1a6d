// Kernel fields that a scheduler has a reason to read. All others are refused: a policy is no place to look
// at credentials, memory or files. By structure; "*" allows all of it, a path allows what is below it.

const task = [
  ...["scx", "pid", "tgid", "comm", "flags", "prio", "static_prio", "normal_prio", "rt_priority"],
  ...["policy", "sched_class", "cpus_ptr", "user_cpus_ptr", "cpus_mask", "nr_cpus_allowed"],
  ...["migration_disabled", "migration_pending", "se", "rt", "dl", "sched_info", "on_cpu", "on_rq"],
  ...["__state", "saved_state", "exit_state", "exit_code", "thread_info.cpu", "thread_info.flags"],
  ...["wake_cpu", "recent_used_cpu", "last_wakee", "wakee_flips", "wakee_flip_decay_ts"],
  ...["parent", "real_parent", "group_leader", "mm", "active_mm", "cgroups", "sched_task_group"],
  ...["nvcsw", "nivcsw", "utime", "stime", "gtime", "start_time", "start_boottime", "in_iowait"],
  ...["in_execve", "no_cgroup_migration", "futex_state", "core_cookie", "usage", "rcu_users"],
  ...[
    "rcu_read_lock_nesting",
    "uclamp",
    "uclamp_req",
    "stats",
    "pushable_tasks",
    "last_task_numa_placement",
  ],
  ...[
    "numa_preferred_nid",
    "sched_contributes_to_load",
    "sched_migrated",
    "blocked_on",
    "psi_flags",
  ],
  ...["timer_slack_ns", "latency_nice", "signal", "io_context"],
];

/** Structures of which a policy may only have the address: whether there is one, or the same one. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  task_struct: task,
  signal_struct: ["nr_threads", "live", "oom_score_adj", "quick_threads"],
  rq: [
    ...[
      "nr_running",
      "curr",
      "idle",
      "cpu",
      "online",
      "cpu_capacity",
      "scx",
      "clock",
      "clock_task",
    ],
    ...["donor", "nr_switches", "avg_idle", "idle_stamp", "cfs", "rt", "dl"],
  ],
  cfs_rq: ["*"],
  rt_rq: ["*"],
  dl_rq: ["*"],
  cgroup: [
    "self",
    "kn",
    "level",
    "dom_cgrp",
    "subsys",
    "ancestors",
    "root",
    "flags",
    "old_dom_cgrp",
  ],
  cgroup_subsys_state: ["cgroup", "parent", "id", "flags", "ss"],
  cgroup_root: ["hierarchy_id", "cgrp"],
  kernfs_node: ["id", "name", "parent"],
  css_set: ["subsys", "dfl_cgrp", "dom_cset", "nr_tasks"],
  task_group: ["css", "parent", "shares", "scx", "idle"],
  cpumask: ["*"],
  bpf_cpumask: ["*"],
  mm_struct: ["owner", "mm_users"],
  sched_class: ["*"],
  sched_domain: ["*"],
  sched_group: ["*"],
  sched_entity: ["*"],
  sched_ext_entity: ["*"],
  scx_dispatch_q: ["id", "nr", "seq"],
  scx_sched: ["*"],
  io_context: [],
};

/** What the kernel passes to ops, and iterators. */
const own =
  /^(scx_\w+_(args|info)|scx_exit_info|scx_dump_ctx|bpf_iter_\w+|scx_event_stats|scx_cpu_\w+)\./;

/** `path`: "task_struct.scx.weight". */
export function isAllowedField(path: string): boolean {
  if (own.test(path)) return true;
  const at = path.indexOf(".");
  const fields = allowed[at < 0 ? path : path.slice(0, at)];
  if (fields === undefined) return false;
  const inner = path.slice(at + 1);
  return fields.some((field) => field === "*" || inner === field || inner.startsWith(`${field}.`));
}
