/* SPDX-License-Identifier: GPL-2.0-only */
/* A woken task makes its CPU look into the queue at once; the one that ran has lost its slice. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(kick_preempt_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(kick_preempt_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	if (enq_flags & SCX_ENQ_WAKEUP)
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(kick_preempt_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kick_preempt_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(kick_preempt_ops,
	       .select_cpu = (void *)kick_preempt_select_cpu,
	       .enqueue = (void *)kick_preempt_enqueue,
	       .dispatch = (void *)kick_preempt_dispatch,
	       .init = (void *)kick_preempt_init,
	       .name = "kick_preempt");
