// expect: reject load load/unreleased-reference
// The mask of idle CPUs is taken and never put back.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(idlemask_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();

	if (bpf_cpumask_test_cpu(prev_cpu, idle))
		return prev_cpu;
	return bpf_cpumask_first(p->cpus_ptr);
}

void BPF_STRUCT_OPS(idlemask_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(idlemask_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(idlemask_ops,
	       .select_cpu = (void *)idlemask_select_cpu,
	       .enqueue = (void *)idlemask_enqueue,
	       .exit = (void *)idlemask_exit,
	       .name = "idlemask");
