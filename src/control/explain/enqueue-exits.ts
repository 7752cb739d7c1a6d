// Ejections for what a policy asked of the kernel: queues, CPUs, flags that it may not use so.

import type { KnownExit } from "./known-exit.ts";

export const enqueueExits: readonly KnownExit[] = [
  {
    id: "error/migration-disabled",
    pattern: /cannot move migration disabled (.{1,40}) from CPU (\d{1,6}) to (\d{1,6})/,
    blame: "scheduler",
    summary: ([task, from, to]) =>
      `The policy put ${task} on CPU ${to}'s own queue, but the task may not leave CPU ${from} just now (migration is disabled for it).`,
    remedy: [
      "Ask before LOCAL_ON: is_migration_disabled(p) (p->migration_disabled on kernels that have it), and keep the task on scx_bpf_task_cpu(p) then.",
      "Or put it into a shared queue: the kernel moves it only where it may go.",
    ],
    reproduction: "affinity",
  },
  {
    id: "error/wrong-cpu",
    pattern:
      /SCX_DSQ_LOCAL\[_ON\] (?:target CPU|verdict target cpu) (\d{1,6}) not allowed for (.{1,40})/,
    blame: "scheduler",
    summary: ([cpu, task]) =>
      `The policy put ${task} on CPU ${cpu}'s own queue (SCX_DSQ_LOCAL_ON), but the task may not use that CPU (its affinity).`,
    remedy: [
      "Check before LOCAL_ON: `if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) …; else` insert into a shared queue or on scx_bpf_task_cpu(p).",
      "An affinity can change while the task is queued: choose the CPU when the task is inserted, not earlier.",
    ],
    reproduction: "affinity",
  },
  {
    id: "error/invalid-cpu",
    pattern: /invalid CPU (-?\d{1,12})(?: from (ops\.\w{1,32}\(\))| in SCX_DSQ_LOCAL_ON.{0,40})?/,
    blame: "scheduler",
    summary: ([cpu, op]) =>
      `The policy named CPU ${cpu}, which this machine does not have${op === undefined || op === "" ? "" : ` (it came from ${op})`}.`,
    remedy: [
      "CPUs are 0 to scx_bpf_nr_cpu_ids() - 1, and a pick can fail: `cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); if (cpu < 0) cpu = prev_cpu;`.",
      "select_cpu() must return a CPU also where it finds none: return prev_cpu.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/unknown-dsq",
    pattern: /(?:non-existent DSQ|invalid DSQ ID) (0x[0-9a-f]{1,16})/,
    blame: "scheduler",
    summary: ([dsq]) => `The policy used the queue ${dsq}, which it never created.`,
    remedy: [
      "Create every queue in init: `scx_bpf_create_dsq(ID, -1)`, one for each CPU or cache where ids are computed, and compute the id by one function everywhere.",
      "Queues of cgroups are made in cgroup_init and gone after cgroup_exit.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/mixed-order",
    pattern: /DSQ ID (0x[0-9a-f]{1,16}) already had (FIFO|PRIQ)-enqueued tasks/,
    blame: "scheduler",
    summary: ([dsq, kind]) =>
      `The queue ${dsq} held tasks in order of ${kind === "FIFO" ? "arrival" : "virtual time"}, and the policy inserted one in order of ${kind === "FIFO" ? "virtual time" : "arrival"}: one queue has one order.`,
    remedy: [
      "Use scx_bpf_dsq_insert_vtime() for every insertion into that queue, or scx_bpf_dsq_insert() for every one; or have two queues.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/vtime-builtin",
    pattern: /cannot use vtime ordering for built-in DSQs/,
    blame: "scheduler",
    summary: () =>
      "The policy inserted by virtual time into a queue of the kernel (SCX_DSQ_GLOBAL or SCX_DSQ_LOCAL), which have no such order.",
    remedy: [
      "Create a queue of your own in init (scx_bpf_create_dsq), insert there with scx_bpf_dsq_insert_vtime(), and take from it in dispatch with scx_bpf_dsq_move_to_local().",
    ],
    reproduction: "mix",
  },
  {
    id: "error/inserted-twice",
    pattern: /(.{1,40}) already direct-dispatched/,
    blame: "scheduler",
    summary: ([task]) => `The policy inserted ${task} twice in one callback.`,
    remedy: [
      "Return right after scx_bpf_dsq_insert(). What select_cpu inserted, enqueue is not asked about.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/other-task",
    pattern: /scheduling for (.{1,40}) but trying to direct-dispatch (.{1,40})/,
    blame: "scheduler",
    summary: ([asked, other]) =>
      `Asked about ${asked}, the policy inserted ${other}: in select_cpu and enqueue only the task in question can be inserted.`,
    remedy: ["Insert other tasks from dispatch(), or move queued ones with scx_bpf_dsq_move()."],
    reproduction: "mix",
  },
  {
    id: "error/dispatch-overflow",
    pattern: /dispatch buffer (over|under)flow/,
    blame: "scheduler",
    summary: ([way]) =>
      way === "over"
        ? "One call of dispatch() inserted more tasks than it may."
        : "The policy took back more insertions than it had made.",
    remedy: ["Look at scx_bpf_dispatch_nr_slots() and stop at 0, or raise .dispatch_max_batch."],
    reproduction: "mix",
  },
  {
    id: "error/enqueue-flags",
    pattern: /invalid enq_flags (0x[0-9a-f]{1,16})|SCX_ENQ_IMMED on a non-local DSQ/,
    blame: "scheduler",
    summary: ([flags]) =>
      `The policy gave flags that an insertion does not take${flags === undefined || flags === "" ? "" : ` (${flags})`}.`,
    remedy: [
      "Hand on the enq_flags that enqueue was given, and add no other bits than SCX_ENQ_HEAD and SCX_ENQ_PREEMPT.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/dsq-in-use",
    pattern: /attempting to (?:destroy in-use dsq|dispatch to a destroyed dsq)/,
    blame: "scheduler",
    summary: () => "A queue was destroyed while tasks were still in it, or used after that.",
    remedy: [
      "Drain a queue before scx_bpf_destroy_dsq(), and insert nowhere where that may come first.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/wrong-context",
    pattern:
      /kfunc with mask 0x[0-9a-f]{1,8} called from an operation only allowing|called on a task not being operated on|accessing rq without holding rq lock|select_cpu kfunc called cross-task/,
    blame: "scheduler",
    summary: () => "The policy called a kfunc from an op, or on a task, where that is not allowed.",
    remedy: [
      "Insert from select_cpu, enqueue and dispatch; drain from dispatch; create queues in init; act on the task that the op is about.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/idle-tracking",
    pattern: /built-in idle tracking is disabled|per-node idle tracking is (?:en|dis)abled/,
    blame: "scheduler",
    summary: () =>
      "The policy asked for idle CPUs though it turned the kernel's tracking of them off (it has update_idle), or in the form for nodes without its flag.",
    remedy: [
      "Set SCX_OPS_KEEP_BUILTIN_IDLE in .flags where there is an update_idle; use the *_node kfuncs only with SCX_OPS_BUILTIN_IDLE_PER_NODE.",
    ],
    reproduction: "mix",
  },
  {
    id: "error/kick-flags",
    pattern: /PREEMPT\/WAIT cannot be used with SCX_KICK_IDLE/,
    blame: "scheduler",
    summary: () => "A CPU was kicked with SCX_KICK_IDLE and SCX_KICK_PREEMPT at once.",
    remedy: ["Use SCX_KICK_IDLE to wake an idle CPU, SCX_KICK_PREEMPT to interrupt a busy one."],
    reproduction: "mix",
  },
  {
    id: "error/reenqueue-limit",
    pattern: /reenqueue limit|SCX_ENQ_REENQ on SCX_DSQ_LOCAL repeated/,
    blame: "scheduler",
    summary: () =>
      "The policy kept putting a task back on a CPU's own queue that the kernel kept giving back to it.",
    remedy: [
      "In enqueue, look for SCX_ENQ_REENQ in enq_flags and put such a task into a shared queue instead.",
    ],
  },
];
