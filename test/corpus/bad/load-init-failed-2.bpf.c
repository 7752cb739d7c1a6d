// expect: reject load load/init-failed
// init_task refuses every task of an ordinary name.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(refusing_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(refusing_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return p->pid > 1 ? -EPERM : 0;
}

void BPF_STRUCT_OPS(refusing_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(refusing_ops,
	       .enqueue = (void *)refusing_enqueue,
	       .init_task = (void *)refusing_init_task,
	       .exit = (void *)refusing_exit,
	       .name = "refusing");
