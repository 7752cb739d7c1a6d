// expect: reject load load/release-not-acquired
// The op's own argument is released, though nobody acquired it.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(overdone_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	bpf_task_release(p);
}

void BPF_STRUCT_OPS(overdone_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(overdone_ops,
	       .enqueue = (void *)overdone_enqueue,
	       .exit = (void *)overdone_exit,
	       .name = "overdone");
