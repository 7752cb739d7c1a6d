/* SPDX-License-Identifier: GPL-2.0-only */
/* Exiting tasks come to enqueue too. */
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

s32 BPF_STRUCT_OPS(enq_exiting_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(enq_exiting_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(enq_exiting_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(enq_exiting_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(enq_exiting_ops,
	       .select_cpu = (void *)enq_exiting_select_cpu,
	       .enqueue = (void *)enq_exiting_enqueue,
	       .dispatch = (void *)enq_exiting_dispatch,
	       .init = (void *)enq_exiting_init,
	       .flags = SCX_OPS_ENQ_EXITING,
	       .name = "enq_exiting");
