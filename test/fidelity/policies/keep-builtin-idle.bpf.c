/* SPDX-License-Identifier: GPL-2.0-only */
/* update_idle beside the built-in idle tracking. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1
void BPF_STRUCT_OPS(keep_builtin_idle_update_idle, s32 cpu, bool is_idle)
{
}

s32 BPF_STRUCT_OPS(keep_builtin_idle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(keep_builtin_idle_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(keep_builtin_idle_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(keep_builtin_idle_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(keep_builtin_idle_ops,
	       .select_cpu = (void *)keep_builtin_idle_select_cpu,
	       .enqueue = (void *)keep_builtin_idle_enqueue,
	       .dispatch = (void *)keep_builtin_idle_dispatch,
	       .update_idle = (void *)keep_builtin_idle_update_idle,
	       .init = (void *)keep_builtin_idle_init,
	       .flags = SCX_OPS_KEEP_BUILTIN_IDLE,
	       .name = "keep_builtin_idle");
