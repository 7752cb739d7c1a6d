// expect: reject load load/untrusted-pointer
// A pointer that RCU protects is used in an op that sleeps, outside an RCU section.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(unprotected_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(unprotected_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_struct *parent = p->real_parent;

	if (parent && scx_bpf_task_running(parent))
		return 0;
	return 0;
}

void BPF_STRUCT_OPS(unprotected_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(unprotected_ops,
	       .enqueue = (void *)unprotected_enqueue,
	       .init_task = (void *)unprotected_init_task,
	       .exit = (void *)unprotected_exit,
	       .name = "unprotected");
