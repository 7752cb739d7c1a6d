// expect: reject load load/stack
// Two functions that call each other keep 320 bytes each on the stack.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static __noinline u64 inner(u64 seed)
{
	volatile u64 history[40];

	for (int i = 0; i < 40; i++)
		history[i] = seed + i;
	return history[seed % 40 & 31];
}

static __noinline u64 outer(u64 seed)
{
	volatile u64 history[40];

	for (int i = 0; i < 40; i++)
		history[i] = seed * i;
	return history[seed % 40 & 31] + inner(seed);
}

void BPF_STRUCT_OPS(stacked_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL + outer(p->pid), enq_flags);
}

void BPF_STRUCT_OPS(stacked_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(stacked_ops,
	       .enqueue = (void *)stacked_enqueue,
	       .exit = (void *)stacked_exit,
	       .name = "stacked");
