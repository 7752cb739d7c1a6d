// expect: reject load load/kfunc-not-allowed-here
// A queue is drained from enqueue, where only dispatch may do that.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(eager_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	scx_bpf_dsq_move_to_local(SCX_DSQ_GLOBAL);
}

void BPF_STRUCT_OPS(eager_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(eager_ops,
	       .enqueue = (void *)eager_enqueue,
	       .exit = (void *)eager_exit,
	       .name = "eager");
