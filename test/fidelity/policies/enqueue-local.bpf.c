/* SPDX-License-Identifier: GPL-2.0-only */
/* enqueue puts every task onto the queue of the CPU where it is. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(enqueue_local_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(enqueue_local_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

SCX_OPS_DEFINE(enqueue_local_ops,
	       .select_cpu = (void *)enqueue_local_select_cpu,
	       .enqueue = (void *)enqueue_local_enqueue,
	       .name = "enqueue_local");
