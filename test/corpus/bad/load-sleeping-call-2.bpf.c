// expect: reject load load/sleeping-call
// Memory that may fault is copied by a helper that sleeps, in an op that may not.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(copying_enqueue, struct task_struct *p, u64 enq_flags)
{
	char argument[16];

	if (bpf_copy_from_user(argument, sizeof(argument), (void *)0x1000))
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(copying_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(copying_ops,
	       .enqueue = (void *)copying_enqueue,
	       .exit = (void *)copying_exit,
	       .name = "copying");
