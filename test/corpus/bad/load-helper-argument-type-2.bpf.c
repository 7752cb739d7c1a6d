// expect: reject load load/helper-argument-type
// A timer is started that lies in no map.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(timed_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct bpf_timer timer = {};

	bpf_timer_start(&timer, 1000000, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(timed_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(timed_ops,
	       .enqueue = (void *)timed_enqueue,
	       .exit = (void *)timed_exit,
	       .name = "timed");
