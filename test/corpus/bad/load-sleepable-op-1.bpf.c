// expect: reject load load/sleepable-op
// Enqueue is declared with BPF_STRUCT_OPS_SLEEPABLE, but it runs under the run queue's lock.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS_SLEEPABLE(sleepy_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(sleepy_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(sleepy_ops,
	       .enqueue = (void *)sleepy_enqueue,
	       .exit = (void *)sleepy_exit,
	       .name = "sleepy");
