// expect: reject load load/global-function-argument
// A function that is not static takes a task: it is verified alone, without its callers.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

__noinline u64 slice_of(struct task_struct *p)
{
	if (scx_bpf_task_running(p))
		return SCX_SLICE_DFL;
	return SCX_SLICE_DFL / 2;
}

void BPF_STRUCT_OPS(globalfn_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, slice_of(p), enq_flags);
}

void BPF_STRUCT_OPS(globalfn_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(globalfn_ops,
	       .enqueue = (void *)globalfn_enqueue,
	       .exit = (void *)globalfn_exit,
	       .name = "globalfn");
