// expect: reject load load/kfunc-argument-type
// A task is given to a kfunc that wants a cpumask.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(wrongtype_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	if (bpf_cpumask_test_cpu(prev_cpu, (const struct cpumask *)p))
		return prev_cpu;
	return 0;
}

void BPF_STRUCT_OPS(wrongtype_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(wrongtype_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(wrongtype_ops,
	       .select_cpu = (void *)wrongtype_select_cpu,
	       .enqueue = (void *)wrongtype_enqueue,
	       .exit = (void *)wrongtype_exit,
	       .name = "wrongtype");
