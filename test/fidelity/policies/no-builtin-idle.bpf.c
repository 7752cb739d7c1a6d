/* SPDX-License-Identifier: GPL-2.0-only */
/* The built-in idle pick is an error where update_idle has taken its place. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1
void BPF_STRUCT_OPS(no_builtin_idle_update_idle, s32 cpu, bool is_idle)
{
}

s32 BPF_STRUCT_OPS(no_builtin_idle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;

	return OURS(p) ? scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle) : prev_cpu;
}

void BPF_STRUCT_OPS(no_builtin_idle_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(no_builtin_idle_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(no_builtin_idle_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(no_builtin_idle_ops,
	       .select_cpu = (void *)no_builtin_idle_select_cpu,
	       .enqueue = (void *)no_builtin_idle_enqueue,
	       .dispatch = (void *)no_builtin_idle_dispatch,
	       .update_idle = (void *)no_builtin_idle_update_idle,
	       .init = (void *)no_builtin_idle_init,
	       .name = "no_builtin_idle");
