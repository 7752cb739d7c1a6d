// expect: reject load load/too-many-arguments
// A program reads past the arguments of its op.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(overread_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 third = ((u64 *)ctx)[5];

	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags | (third & 1));
}

void BPF_STRUCT_OPS(overread_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(overread_ops,
	       .enqueue = (void *)overread_enqueue,
	       .exit = (void *)overread_exit,
	       .name = "overread");
