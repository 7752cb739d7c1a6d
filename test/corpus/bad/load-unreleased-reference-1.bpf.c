// expect: reject load load/unreleased-reference
// A task that was acquired is released on one path only.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(leaking_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *leader = bpf_task_from_pid(p->tgid);

	if (!leader)
		return;
	if (leader->scx.weight > 100) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL * 2, enq_flags);
		return;
	}
	bpf_task_release(leader);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(leaking_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(leaking_ops,
	       .enqueue = (void *)leaking_enqueue,
	       .exit = (void *)leaking_exit,
	       .name = "leaking");
