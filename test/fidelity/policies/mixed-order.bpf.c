/* SPDX-License-Identifier: GPL-2.0-only */
/* FIFO and vtime order in one queue that is not empty. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1
static u64 seen;

s32 BPF_STRUCT_OPS(mixed_order_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(mixed_order_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (!OURS(p))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	else if (++seen % 2)
		scx_bpf_dsq_insert_vtime(p, QUEUE, SCX_SLICE_DFL, seen, enq_flags);
	else
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(mixed_order_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(mixed_order_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(mixed_order_ops,
	       .select_cpu = (void *)mixed_order_select_cpu,
	       .enqueue = (void *)mixed_order_enqueue,
	       .dispatch = (void *)mixed_order_dispatch,
	       .init = (void *)mixed_order_init,
	       .name = "mixed_order");
