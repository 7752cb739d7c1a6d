// expect: reject load load/write-to-constant
// A knob, which is constant after loading, is written.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

const volatile u64 slice_ns = 5000000;

void BPF_STRUCT_OPS(tuning_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight > 100)
		__sync_fetch_and_add((u64 *)&slice_ns, 1000);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, slice_ns, enq_flags);
}

void BPF_STRUCT_OPS(tuning_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(tuning_ops,
	       .enqueue = (void *)tuning_enqueue,
	       .exit = (void *)tuning_exit,
	       .name = "tuning");
