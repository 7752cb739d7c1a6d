// expect: reject load load/init-failed
// Init reports an error: the queue that it creates has an id of the kernel.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(initfails_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(initfails_init)
{
	return scx_bpf_create_dsq(SCX_DSQ_GLOBAL, -1);
}

void BPF_STRUCT_OPS(initfails_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(initfails_ops,
	       .enqueue = (void *)initfails_enqueue,
	       .init = (void *)initfails_init,
	       .exit = (void *)initfails_exit,
	       .name = "initfails");
