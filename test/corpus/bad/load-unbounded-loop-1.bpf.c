// expect: reject load load/unbounded-loop
// A spin loop waits for another CPU: nothing bounds it.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static volatile u64 ready;

void BPF_STRUCT_OPS(spinning_enqueue, struct task_struct *p, u64 enq_flags)
{
	while (!ready)
		;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(spinning_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(spinning_ops,
	       .enqueue = (void *)spinning_enqueue,
	       .exit = (void *)spinning_exit,
	       .name = "spinning");
