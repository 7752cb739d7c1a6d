// expect: reject load load/iterator
// An iterator is used that was never started.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(iterating_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(iterating_dispatch, s32 cpu, struct task_struct *prev)
{
	struct bpf_iter_num it;
	int *next;

	while ((next = bpf_iter_num_next(&it)))
		scx_bpf_kick_cpu(*next & 3, 0);
	bpf_iter_num_destroy(&it);
}

void BPF_STRUCT_OPS(iterating_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(iterating_ops,
	       .enqueue = (void *)iterating_enqueue,
	       .dispatch = (void *)iterating_dispatch,
	       .exit = (void *)iterating_exit,
	       .name = "iterating");
