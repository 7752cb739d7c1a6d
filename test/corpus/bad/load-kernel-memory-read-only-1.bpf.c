// expect: reject load load/kernel-memory-read-only
// A field of task_struct is written that no scheduler may write.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(boosting_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight > 100)
		p->prio = 100;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(boosting_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(boosting_ops,
	       .enqueue = (void *)boosting_enqueue,
	       .exit = (void *)boosting_exit,
	       .name = "boosting");
