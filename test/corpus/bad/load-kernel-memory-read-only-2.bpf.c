// expect: reject load load/kernel-memory-read-only
// A counter of the kernel is changed atomically.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(atomic_enqueue, struct task_struct *p, u64 enq_flags)
{
	__sync_fetch_and_add(&p->scx.weight, 1);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(atomic_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(atomic_ops,
	       .enqueue = (void *)atomic_enqueue,
	       .exit = (void *)atomic_exit,
	       .name = "atomic");
