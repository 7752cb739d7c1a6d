// expect: reject load load/unknown-kfunc
// A kfunc is called that the kernel does not have.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

extern void scx_bpf_task_boost(struct task_struct *p, u64 amount) __ksym;

void BPF_STRUCT_OPS(invented_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_task_boost(p, 10);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(invented_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(invented_ops,
	       .enqueue = (void *)invented_enqueue,
	       .exit = (void *)invented_exit,
	       .name = "invented");
