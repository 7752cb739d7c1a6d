// expect: reject load load/contradicting-ops
// A flag asks for built-in idle CPUs per node while update_idle turns them off.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(contrary_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(contrary_update_idle, s32 cpu, bool idle)
{
}

void BPF_STRUCT_OPS(contrary_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(contrary_ops,
	       .enqueue = (void *)contrary_enqueue,
	       .update_idle = (void *)contrary_update_idle,
	       .flags = SCX_OPS_BUILTIN_IDLE_PER_NODE,
	       .exit = (void *)contrary_exit,
	       .name = "contrary");
