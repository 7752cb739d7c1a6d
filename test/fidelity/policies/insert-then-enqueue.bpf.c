/* SPDX-License-Identifier: GPL-2.0-only */
/* select_cpu inserts and then names the task again in the same call. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1

s32 BPF_STRUCT_OPS(insert_then_enqueue_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	if (OURS(p)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, 0);
	}
	return prev_cpu;
}

void BPF_STRUCT_OPS(insert_then_enqueue_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(insert_then_enqueue_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(insert_then_enqueue_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(insert_then_enqueue_ops,
	       .select_cpu = (void *)insert_then_enqueue_select_cpu,
	       .enqueue = (void *)insert_then_enqueue_enqueue,
	       .dispatch = (void *)insert_then_enqueue_dispatch,
	       .init = (void *)insert_then_enqueue_init,
	       .name = "insert_then_enqueue");
