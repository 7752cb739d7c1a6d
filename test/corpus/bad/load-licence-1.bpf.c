// expect: reject load load/licence
// The licence is not compatible with the GPL.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "Proprietary";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(closed_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(closed_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(closed_ops,
	       .enqueue = (void *)closed_enqueue,
	       .exit = (void *)closed_exit,
	       .name = "closed");
