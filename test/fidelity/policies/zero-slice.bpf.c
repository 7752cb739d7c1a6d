/* SPDX-License-Identifier: GPL-2.0-only */
/* Slice 0 keeps what the task has left. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

/* An idle CPU looks into the queue at once: how busy the CPUs are is then no matter of chance. */
static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(zero_slice_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(zero_slice_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, 0, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(zero_slice_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(zero_slice_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(zero_slice_ops,
	       .select_cpu = (void *)zero_slice_select_cpu,
	       .enqueue = (void *)zero_slice_enqueue,
	       .dispatch = (void *)zero_slice_dispatch,
	       .init = (void *)zero_slice_init,
	       .name = "zero_slice");
