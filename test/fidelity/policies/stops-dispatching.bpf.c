/* SPDX-License-Identifier: GPL-2.0-only */
/* dispatch takes a task no more after its tenth time: the watchdog strikes. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1
#define PARKED 2

static u64 seen;

s32 BPF_STRUCT_OPS(stops_dispatching_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(stops_dispatching_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->comm[0] == 'f' && p->comm[1] == '-' && p->comm[2] == 't' && ++seen >= 10)
		scx_bpf_dsq_insert(p, PARKED, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(stops_dispatching_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(stops_dispatching_init)
{
	return scx_bpf_create_dsq(QUEUE, -1) ?: scx_bpf_create_dsq(PARKED, -1);
}

SCX_OPS_DEFINE(stops_dispatching_ops,
	       .select_cpu = (void *)stops_dispatching_select_cpu,
	       .enqueue = (void *)stops_dispatching_enqueue,
	       .dispatch = (void *)stops_dispatching_dispatch,
	       .init = (void *)stops_dispatching_init,
	       .name = "stops_dispatching");
