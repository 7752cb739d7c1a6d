/* SPDX-License-Identifier: GPL-2.0-only */
/* Inserts onto a CPU that the task may not use. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1

s32 BPF_STRUCT_OPS(not_allowed_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(not_allowed_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (OURS(p) && p->nr_cpus_allowed == 1)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | !scx_bpf_task_cpu(p), SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(not_allowed_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(not_allowed_cpu_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(not_allowed_cpu_ops,
	       .select_cpu = (void *)not_allowed_cpu_select_cpu,
	       .enqueue = (void *)not_allowed_cpu_enqueue,
	       .dispatch = (void *)not_allowed_cpu_dispatch,
	       .init = (void *)not_allowed_cpu_init,
	       .name = "not_allowed_cpu");
