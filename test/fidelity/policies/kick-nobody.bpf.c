/* SPDX-License-Identifier: GPL-2.0-only */
/* Nobody is kicked: a CPU looks into the queue when its own work ends. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(kick_nobody_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(kick_nobody_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(kick_nobody_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kick_nobody_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(kick_nobody_ops,
	       .select_cpu = (void *)kick_nobody_select_cpu,
	       .enqueue = (void *)kick_nobody_enqueue,
	       .dispatch = (void *)kick_nobody_dispatch,
	       .init = (void *)kick_nobody_init,
	       .name = "kick_nobody");
