/* SPDX-License-Identifier: GPL-2.0-only */
/* enqueue wakes an idle CPU, which then finds the task in the queue. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(kick_idle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(kick_idle_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(kick_idle_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kick_idle_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(kick_idle_ops,
	       .select_cpu = (void *)kick_idle_select_cpu,
	       .enqueue = (void *)kick_idle_enqueue,
	       .dispatch = (void *)kick_idle_dispatch,
	       .init = (void *)kick_idle_init,
	       .name = "kick_idle");
