// expect: reject load load/own-error
// Init gives up by itself with scx_bpf_error.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(givesup_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(givesup_init)
{
	if (scx_bpf_nr_cpu_ids() < 64)
		scx_bpf_error("needs 64 CPUs, has %u", scx_bpf_nr_cpu_ids());
	return 0;
}

void BPF_STRUCT_OPS(givesup_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(givesup_ops,
	       .enqueue = (void *)givesup_enqueue,
	       .init = (void *)givesup_init,
	       .exit = (void *)givesup_exit,
	       .name = "givesup");
