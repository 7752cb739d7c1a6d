/* SPDX-License-Identifier: GPL-2.0-only */
/* Woken tasks go to the head of the local queue, preempted ones to its end. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(enq_head_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(enq_head_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL,
			   enq_flags | (enq_flags & SCX_ENQ_WAKEUP ? SCX_ENQ_HEAD : 0));
}

SCX_OPS_DEFINE(enq_head_ops,
	       .select_cpu = (void *)enq_head_select_cpu,
	       .enqueue = (void *)enq_head_enqueue,
	       .name = "enq_head");
