// expect: reject load load/uninitialised-register
// select_cpu promises a CPU and ends without returning one.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 nr_selected;

s32 BPF_STRUCT_OPS(forgetful_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	nr_selected++;
}

void BPF_STRUCT_OPS(forgetful_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(forgetful_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(forgetful_ops,
	       .select_cpu = (void *)forgetful_select_cpu,
	       .enqueue = (void *)forgetful_enqueue,
	       .exit = (void *)forgetful_exit,
	       .name = "forgetful");
