// Why a call that is not allowed is not, by what it does, and what to use in its place. Called by calls.ts.

export interface Refusal {
  /** Ends the sentence "it calls x, which …". */
  reason: string;
  hint: string;
}

/** The first that matches tells. Names are the kernel's, kfuncs with and helpers without `bpf_`. */
const reasons: readonly [RegExp, Refusal][] = [
  [
    /(probe_read_user|copy_from_user|copy_to_user|get_user|user_ringbuf)/,
    {
      reason: "reads the memory of processes",
      hint: "A policy decides by scheduling state: p->comm, p->scx.*, its own task storage.",
    },
  ],
  [
    /^(bpf_)?probe_write_user/,
    { reason: "writes into the memory of processes", hint: "Take it out: no scheduler needs it." },
  ],
  [
    /^(bpf_)?(override_return|throw|send_signal|send_signal_thread|send_signal_task)/,
    {
      reason: "changes what processes or the kernel do beside scheduling",
      hint: "Take it out; to give up with a reason call scx_bpf_error().",
    },
  ],
  [
    /(trace_printk|trace_vprintk|seq_printf|seq_write|seq_printf_btf|snprintf_btf|stream_)/,
    {
      reason: "prints: it is slow under load and shows others what tasks do",
      hint: "Count in a global or an array map instead, and read that with policy.read-map.",
    },
  ],
  [
    /(ringbuf|perf_event_output|skb_output|xdp_output|skc_|perf_)/,
    {
      reason: "hands data to a program in user space, and none reads it",
      hint: "Count in a global or an array map instead, and read that with policy.read-map.",
    },
  ],
  [
    /(map_.*_by_id|sys_bpf|btf_find_by_name_kind|sys_close|kallsyms|map_lookup_and)/,
    {
      reason: "reaches what does not belong to the policy",
      hint: "Use maps that the policy itself defines.",
    },
  ],
  [
    /(get_stack|get_task_stack|get_stackid|get_branch_snapshot|task_pt_regs|get_func|get_attach)/,
    { reason: "looks into what processes do", hint: "Decide by scheduling state only." },
  ],
  [
    /(d_path|get_file|fsverity|xattr|ima_|inode_storage|path_)/,
    { reason: "looks at files", hint: "Decide by scheduling state only." },
  ],
  [
    /(sock|skb|xdp|tcp_|sk_|net|fib_|csum|lwt_|msg_|sockmap|flow_|crypto)/,
    { reason: "belongs to the network", hint: "Decide by scheduling state only." },
  ],
  [
    /(wq_|task_work)/,
    {
      reason: "runs work at another time, where nobody watches it",
      hint: "Do it in an op, or in a bpf_timer's callback.",
    },
  ],
  [
    /(sub_dispatch)/,
    {
      reason: "belongs to schedulers of schedulers, which are not supported",
      hint: "Decide in this policy's own ops.",
    },
  ],
  [
    /^(bpf_)?(get_current_task|probe_read|probe_read_str)$/,
    {
      reason: "reads kernel memory by bare address",
      hint: "Use bpf_get_current_task_btf() and plain field access, or BPF_CORE_READ.",
    },
  ],
];

const unlisted: Refusal = {
  reason: "is not on the list of calls that a scheduler needs",
  hint: "Do without it; docs/admission.md lists what may be called.",
};

export function refusalOf(name: string): Refusal {
  return reasons.find(([pattern]) => pattern.test(name))?.[1] ?? unlisted;
}
