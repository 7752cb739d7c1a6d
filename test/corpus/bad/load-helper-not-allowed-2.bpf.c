// expect: reject load load/helper-not-allowed
// The stack of whoever wakes a task is recorded by a helper for tracing programs.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, sizeof(u32));
	__uint(value_size, 16 * sizeof(u64));
} wakers SEC(".maps");

void BPF_STRUCT_OPS(stacks_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_get_stackid(ctx, &wakers, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(stacks_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(stacks_ops,
	       .enqueue = (void *)stacks_enqueue,
	       .exit = (void *)stacks_exit,
	       .name = "stacks");
