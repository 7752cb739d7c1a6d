// expect: reject load load/kfunc-not-allowed-here
// A task is inserted from running, which may not insert anything.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(running_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(running_running, struct task_struct *p)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
}

void BPF_STRUCT_OPS(running_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(running_ops,
	       .enqueue = (void *)running_enqueue,
	       .running = (void *)running_running,
	       .exit = (void *)running_exit,
	       .name = "running");
