// expect: reject load load/possibly-null-argument
// A bpf_cpumask that may not have been allocated goes into a kfunc.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(masked_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(masked_init)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();

	bpf_cpumask_set_cpu(0, mask);
	bpf_cpumask_release(mask);
	return 0;
}

void BPF_STRUCT_OPS(masked_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(masked_ops,
	       .enqueue = (void *)masked_enqueue,
	       .init = (void *)masked_init,
	       .exit = (void *)masked_exit,
	       .name = "masked");
