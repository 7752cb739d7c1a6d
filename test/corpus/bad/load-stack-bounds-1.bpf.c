// expect: reject load load/stack-bounds
// A local array is indexed by a number without bounds.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static const volatile u64 base_slice = 1000000;

void BPF_STRUCT_OPS(localindex_enqueue, struct task_struct *p, u64 enq_flags)
{
	volatile u64 slices[4] = { base_slice, base_slice * 2, base_slice * 4, base_slice * 8 };
	u32 class = p->scx.weight / 100;

	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, slices[class], enq_flags);
}

void BPF_STRUCT_OPS(localindex_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(localindex_ops,
	       .enqueue = (void *)localindex_enqueue,
	       .exit = (void *)localindex_exit,
	       .name = "localindex");
