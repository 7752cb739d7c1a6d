// expect: reject load load/helper-not-allowed
// A helper is called that programs of this type may not use.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(signalling_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_override_return((struct pt_regs *)ctx, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(signalling_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(signalling_ops,
	       .enqueue = (void *)signalling_enqueue,
	       .exit = (void *)signalling_exit,
	       .name = "signalling");
