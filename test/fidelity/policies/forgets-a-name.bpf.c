/* SPDX-License-Identifier: GPL-2.0-only */
/* Loses the tasks of one name: the watchdog names the task. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

s32 BPF_STRUCT_OPS(forgets_a_name_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(forgets_a_name_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->comm[0] == 'f' && p->comm[1] == '-' && p->comm[2] == 'n')
		return;
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(forgets_a_name_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(forgets_a_name_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(forgets_a_name_ops,
	       .select_cpu = (void *)forgets_a_name_select_cpu,
	       .enqueue = (void *)forgets_a_name_enqueue,
	       .dispatch = (void *)forgets_a_name_dispatch,
	       .init = (void *)forgets_a_name_init,
	       .name = "forgets_a_name");
