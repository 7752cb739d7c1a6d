// The fields of the kernel's structures that are kept here, by the structure and a short name of ours: the
// one table of them. The objects beside this file can write no other (layout.ts takes only these), and a
// program that goes to any other relies on something that is not modelled (unmodelled-fields.ts).

/** Every structure that a pointer in one of these fields, an argument or a kfunc's answer leads to. */
export const kernelFields = {
  task_struct: {
    cpu: "thread_info.cpu",
    flags: "flags",
    onCpu: "on_cpu",
    onRq: "on_rq",
    wakeCpu: "wake_cpu",
    recentCpu: "recent_used_cpu",
    prio: "prio",
    staticPrio: "static_prio",
    normalPrio: "normal_prio",
    loadWeight: "se.load.weight",
    runtime: "se.sum_exec_runtime",
    execStart: "se.exec_start",
    weight: "scx.weight",
    scxFlags: "scx.flags",
    runnableAt: "scx.runnable_at",
    slice: "scx.slice",
    vtime: "scx.dsq_vtime",
    disallow: "scx.disallow",
    taskGroup: "sched_task_group",
    policy: "policy",
    cpusAllowed: "nr_cpus_allowed",
    cpusPtr: "cpus_ptr",
    cpusMask: "cpus_mask",
    mm: "mm",
    activeMm: "active_mm",
    pid: "pid",
    tgid: "tgid",
    realParent: "real_parent",
    parent: "parent",
    leader: "group_leader",
    voluntary: "nvcsw",
    involuntary: "nivcsw",
    userTime: "utime",
    startTime: "start_time",
    startBootTime: "start_boottime",
    comm: "comm",
    cgroups: "cgroups",
    usage: "usage",
  },
  rq: {
    running: "nr_running",
    current: "curr",
    idle: "idle",
    cpu: "cpu",
    online: "online",
    capacity: "cpu_capacity",
    scxRunning: "scx.nr_running",
    scxFlags: "scx.flags",
  },
  cgroup: {
    self: "self",
    kn: "kn",
    level: "level",
    domain: "dom_cgrp",
    subsys: "subsys",
    ancestors: "ancestors",
  },
  cgroup_subsys_state: { cgroup: "cgroup", parent: "parent" },
  kernfs_node: { id: "id", name: "name" },
  css_set: { subsys: "subsys", cgroup: "dfl_cgrp", domain: "dom_cset" },
  task_group: { css: "css", parent: "parent", shares: "shares", weight: "scx.weight" },
  /** Only that there is one, and whether two tasks share it. */
  mm_struct: {},
  cpumask: { bits: "bits" },
  bpf_cpumask: { mask: "cpumask" },
  scx_init_task_args: { fork: "fork", cgroup: "cgroup" },
  scx_exit_task_args: { cancelled: "cancelled" },
  scx_cgroup_init_args: {
    weight: "weight",
    period: "bw_period_us",
    quota: "bw_quota_us",
    burst: "bw_burst_us",
  },
  scx_cpu_acquire_args: {},
  scx_cpu_release_args: { reason: "reason", task: "task" },
  scx_exit_info: {
    kind: "kind",
    code: "exit_code",
    cpu: "exit_cpu",
    reason: "reason",
    message: "msg",
    dump: "dump",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type KernelStructure = keyof typeof kernelFields;
type Fields<S extends KernelStructure> = (typeof kernelFields)[S];
export type FieldName<S extends KernelStructure> = keyof Fields<S> & string;
export type FieldPath<S extends KernelStructure> = Fields<S>[keyof Fields<S>] & string;

/** Nobody writes these, and for every task that is simulated the kernel has 0 there, too. */
export const zeroFields: Readonly<Partial<Record<KernelStructure, readonly string[]>>> = {
  task_struct: [
    // Above 0 only for real-time tasks, which no policy is shown.
    "rt_priority",
    // Above 0 while the task itself is in a short stretch of kernel code; no step of a scenario is one.
    "migration_disabled",
    // Above 0 where somebody asked for core scheduling by prctl(); no scenario does.
    "core_cookie",
  ],
};

/** Structures that programs have memory of their own for: what is in it is what they put there. */
export const ownStructures: ReadonlySet<string> = new Set([
  "list_head",
  "hlist_head",
  "hlist_node",
  "rb_node",
  "rb_root",
]);
