/* SPDX-License-Identifier: GPL-2.0-only */
/* Inserts onto a CPU that does not exist. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1

s32 BPF_STRUCT_OPS(invalid_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(invalid_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, OURS(p) ? SCX_DSQ_LOCAL_ON | 9999 : QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(invalid_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(invalid_cpu_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(invalid_cpu_ops,
	       .select_cpu = (void *)invalid_cpu_select_cpu,
	       .enqueue = (void *)invalid_cpu_enqueue,
	       .dispatch = (void *)invalid_cpu_dispatch,
	       .init = (void *)invalid_cpu_init,
	       .name = "invalid_cpu");
