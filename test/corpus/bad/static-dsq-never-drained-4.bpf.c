// expect: reject static static/dsq-never-drained
// There is no dispatch at all: the author expected the kernel to empty the queue.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define MY_DSQ 7

s32 BPF_STRUCT_OPS(undispatched_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(undispatched_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, MY_DSQ, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(undispatched_init)
{
	return scx_bpf_create_dsq(MY_DSQ, -1);
}

void BPF_STRUCT_OPS(undispatched_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(undispatched_ops,
	       .select_cpu = (void *)undispatched_select_cpu,
	       .enqueue = (void *)undispatched_enqueue,
	       .init = (void *)undispatched_init,
	       .exit = (void *)undispatched_exit,
	       .timeout_ms = 30000,
	       .name = "undispatched");
