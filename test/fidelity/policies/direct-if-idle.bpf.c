/* SPDX-License-Identifier: GPL-2.0-only */
/* select_cpu puts the task straight onto an idle CPU, else into the queue. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(direct_if_idle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(direct_if_idle_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(direct_if_idle_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(direct_if_idle_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(direct_if_idle_ops,
	       .select_cpu = (void *)direct_if_idle_select_cpu,
	       .enqueue = (void *)direct_if_idle_enqueue,
	       .dispatch = (void *)direct_if_idle_dispatch,
	       .init = (void *)direct_if_idle_init,
	       .name = "direct_if_idle");
