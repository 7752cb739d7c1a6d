/* SPDX-License-Identifier: GPL-2.0-only */
/* Each task has a CPU by its pid, wherever it was. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(local_on_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(local_on_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 cpu = p->pid & 1;

	if (p->nr_cpus_allowed == 1)
		cpu = scx_bpf_task_cpu(p);
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
}

SCX_OPS_DEFINE(local_on_ops,
	       .select_cpu = (void *)local_on_select_cpu,
	       .enqueue = (void *)local_on_enqueue,
	       .name = "local_on");
