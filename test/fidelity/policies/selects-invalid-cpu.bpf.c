/* SPDX-License-Identifier: GPL-2.0-only */
/* select_cpu answers with a CPU that does not exist. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1

s32 BPF_STRUCT_OPS(selects_invalid_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return OURS(p) ? 9999 : prev_cpu;
}

void BPF_STRUCT_OPS(selects_invalid_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(selects_invalid_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(selects_invalid_cpu_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(selects_invalid_cpu_ops,
	       .select_cpu = (void *)selects_invalid_cpu_select_cpu,
	       .enqueue = (void *)selects_invalid_cpu_enqueue,
	       .dispatch = (void *)selects_invalid_cpu_dispatch,
	       .init = (void *)selects_invalid_cpu_init,
	       .name = "selects_invalid_cpu");
