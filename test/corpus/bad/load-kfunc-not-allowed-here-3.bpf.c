// expect: reject load load/kfunc-not-allowed-here
// A queue is created from enqueue, which may not sleep.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(creating_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_create_dsq(p->tgid, -1);
	scx_bpf_dsq_insert(p, p->tgid, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(creating_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(creating_ops,
	       .enqueue = (void *)creating_enqueue,
	       .exit = (void *)creating_exit,
	       .name = "creating");
