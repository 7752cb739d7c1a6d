// expect: reject admission admission/shrunk-variable
// A flag in a static number, as many write it.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

static u64 queued_lately;

void BPF_STRUCT_OPS(alternating_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = queued_lately ? SCX_SLICE_DFL / 2 : SCX_SLICE_DFL;

	queued_lately = 1;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, slice, enq_flags);
}

void BPF_STRUCT_OPS(alternating_running, struct task_struct *p)
{
	queued_lately = 0;
}

SCX_OPS_DEFINE(alternating_ops,
	       .enqueue = (void *)alternating_enqueue,
	       .running = (void *)alternating_running,
	       .name = "alternating");
