// From which ops the kfuncs of sched_ext may be called, in words: the scx_kfunc_ids_* sets and the table
// scx_kf_allow_flags of kernel/sched/ext, which the kernel's verifier goes by since 7.1.

interface CallerRule {
  names: RegExp;
  words: string;
}

const rules: readonly CallerRule[] = [
  {
    names: /^_{0,2}scx_bpf_(?:dsq_insert|dispatch)(?:_vtime)?$/,
    words:
      "A task is inserted from select_cpu, enqueue or dispatch only. In running, stopping, tick, … write down what you want (in a map, or p->scx.slice) and act on it when the task is enqueued again.",
  },
  {
    names: /^scx_bpf_(?:dsq_move_to_local|consume|dispatch_nr_slots|dispatch_cancel)$/,
    words:
      "A queue is drained from dispatch only: `void BPF_STRUCT_OPS(my_dispatch, s32 cpu, struct task_struct *prev) { scx_bpf_dsq_move_to_local(SHARED_DSQ); }`. From enqueue insert the task and, where a CPU is to be woken for it, call scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE).",
  },
  {
    names: /^scx_bpf_dsq_move/,
    words:
      "Tasks are moved between queues from dispatch (or from ops without a run queue's lock, such as init), inside bpf_for_each(scx_dsq, p, dsq_id, 0).",
  },
  {
    names: /^scx_bpf_create_dsq$/,
    words:
      "Create every queue once, in init: `s32 BPF_STRUCT_OPS_SLEEPABLE(my_init) { return scx_bpf_create_dsq(SHARED_DSQ, -1); }`. For one queue a CPU, loop there: `bpf_for(cpu, 0, scx_bpf_nr_cpu_ids())`.",
  },
  {
    names: /^_{0,2}scx_bpf_select_cpu_/,
    words:
      "It chooses a CPU for a task that wakes: call it from select_cpu (or from enqueue, where select_cpu was skipped).",
  },
  {
    names: /^scx_bpf_reenqueue_local$/,
    words: "Call it from cpu_release, where a higher class has taken the CPU.",
  },
];

/** What to do about a kfunc that was refused where it stands. */
export function allowedCallers(kfunc: string): string {
  const rule = rules.find(({ names }) => names.test(kfunc));
  return rule?.words ?? `Move the call of ${kfunc} into an op that may make it, or leave it out.`;
}
