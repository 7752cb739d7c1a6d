// expect: reject load load/sleeping-call
// Init creates a queue but is not declared with BPF_STRUCT_OPS_SLEEPABLE.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SHARED_DSQ 0

void BPF_STRUCT_OPS(awake_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SHARED_DSQ, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(awake_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SHARED_DSQ);
}

s32 BPF_STRUCT_OPS(awake_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

void BPF_STRUCT_OPS(awake_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(awake_ops,
	       .enqueue = (void *)awake_enqueue,
	       .dispatch = (void *)awake_dispatch,
	       .init = (void *)awake_init,
	       .exit = (void *)awake_exit,
	       .name = "awake");
