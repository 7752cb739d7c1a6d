// expect: reject load load/too-complex
// A list of the kernel is walked until its end, which nobody knows.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(walking_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *up = p;
	u64 depth = 0;

	while (up->pid > 1) {
		up = up->real_parent;
		depth++;
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL / (depth + 1), enq_flags);
}

void BPF_STRUCT_OPS(walking_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(walking_ops,
	       .enqueue = (void *)walking_enqueue,
	       .exit = (void *)walking_exit,
	       .name = "walking");
