// expect: reject load load/use-after-release
// A task is read after it was released.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(afterlife_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *leader = bpf_task_from_pid(p->tgid);

	if (!leader)
		return;
	bpf_task_release(leader);
	if (scx_bpf_task_running(leader))
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(afterlife_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(afterlife_ops,
	       .enqueue = (void *)afterlife_enqueue,
	       .exit = (void *)afterlife_exit,
	       .name = "afterlife");
