/* SPDX-License-Identifier: GPL-2.0-only */
/* select_cpu always dispatches onto the CPU where the task was, busy or not. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(direct_always_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return prev_cpu;
}

void BPF_STRUCT_OPS(direct_always_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(direct_always_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(direct_always_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(direct_always_ops,
	       .select_cpu = (void *)direct_always_select_cpu,
	       .enqueue = (void *)direct_always_enqueue,
	       .dispatch = (void *)direct_always_dispatch,
	       .init = (void *)direct_always_init,
	       .name = "direct_always");
