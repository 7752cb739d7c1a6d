// expect: reject load load/unchecked-pointer
// A kfunc that may return NULL is not checked before its result is read.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(parent_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *parent = bpf_task_from_pid(p->tgid);
	u64 slice = parent->scx.slice;

	bpf_task_release(parent);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, slice ? SCX_SLICE_DFL : 5000000, enq_flags);
}

void BPF_STRUCT_OPS(parent_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(parent_ops,
	       .enqueue = (void *)parent_enqueue,
	       .exit = (void *)parent_exit,
	       .name = "parent");
