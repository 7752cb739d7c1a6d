/* SPDX-License-Identifier: GPL-2.0-only */
/* Without select_cpu the kernel picks an idle CPU and dispatches there, past enqueue. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

void BPF_STRUCT_OPS(no_select_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(no_select_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(no_select_cpu_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(no_select_cpu_ops,
	       .enqueue = (void *)no_select_cpu_enqueue,
	       .dispatch = (void *)no_select_cpu_dispatch,
	       .init = (void *)no_select_cpu_init,
	       .name = "no_select_cpu");
