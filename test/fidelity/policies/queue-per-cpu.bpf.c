/* SPDX-License-Identifier: GPL-2.0-only */
/* A queue for each CPU, named by its number plus one. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(queue_per_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(queue_per_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, scx_bpf_task_cpu(p) + 1, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(queue_per_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(cpu + 1, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(queue_per_cpu_init)
{
	s32 error = 0;
	int cpu;

	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids()) {
		error = scx_bpf_create_dsq(cpu + 1, -1);
		if (error)
			break;
	}
	return error;
}

SCX_OPS_DEFINE(queue_per_cpu_ops,
	       .select_cpu = (void *)queue_per_cpu_select_cpu,
	       .enqueue = (void *)queue_per_cpu_enqueue,
	       .dispatch = (void *)queue_per_cpu_dispatch,
	       .init = (void *)queue_per_cpu_init,
	       .name = "queue_per_cpu");
