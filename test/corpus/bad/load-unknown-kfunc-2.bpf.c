// expect: reject load load/unknown-kfunc
// A kfunc that the kernel does not have is declared weak and called without a check.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

extern void scx_bpf_task_boost(struct task_struct *p, u64 amount) __ksym __weak;

void BPF_STRUCT_OPS(weakly_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_task_boost(p, 10);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(weakly_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(weakly_ops,
	       .enqueue = (void *)weakly_enqueue,
	       .exit = (void *)weakly_exit,
	       .name = "weakly");
