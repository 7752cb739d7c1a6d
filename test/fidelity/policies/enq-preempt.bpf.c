/* SPDX-License-Identifier: GPL-2.0-only */
/* A woken task takes the CPU from the one that runs there. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(enq_preempt_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(enq_preempt_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL,
			   enq_flags | (enq_flags & SCX_ENQ_WAKEUP ? SCX_ENQ_PREEMPT : 0));
}

SCX_OPS_DEFINE(enq_preempt_ops,
	       .select_cpu = (void *)enq_preempt_select_cpu,
	       .enqueue = (void *)enq_preempt_enqueue,
	       .name = "enq_preempt");
