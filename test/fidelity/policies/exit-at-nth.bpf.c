/* SPDX-License-Identifier: GPL-2.0-only */
/* scx_bpf_exit at the twentieth enqueue. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1
static u64 seen;

s32 BPF_STRUCT_OPS(exit_at_nth_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(exit_at_nth_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (OURS(p) && ++seen == 20)
		scx_bpf_exit(7, "enough after %llu", seen);
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(exit_at_nth_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(exit_at_nth_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(exit_at_nth_ops,
	       .select_cpu = (void *)exit_at_nth_select_cpu,
	       .enqueue = (void *)exit_at_nth_enqueue,
	       .dispatch = (void *)exit_at_nth_dispatch,
	       .init = (void *)exit_at_nth_init,
	       .name = "exit_at_nth");
