/* SPDX-License-Identifier: GPL-2.0-only */
/* select_cpu names an idle CPU and does not dispatch: enqueue is called. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(select_without_dispatch_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;

	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
}

void BPF_STRUCT_OPS(select_without_dispatch_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(select_without_dispatch_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(select_without_dispatch_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(select_without_dispatch_ops,
	       .select_cpu = (void *)select_without_dispatch_select_cpu,
	       .enqueue = (void *)select_without_dispatch_enqueue,
	       .dispatch = (void *)select_without_dispatch_dispatch,
	       .init = (void *)select_without_dispatch_init,
	       .name = "select_without_dispatch");
