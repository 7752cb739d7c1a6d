// expect: reject static static/slice-unbounded
// Whoever waits alone gets an infinite slice when dispatch keeps it.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(alone_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(alone_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(alone_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(0))
		return;
	if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
		scx_bpf_task_set_slice(prev, SCX_SLICE_INF);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(alone_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(alone_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(alone_ops,
	       .select_cpu = (void *)alone_select_cpu,
	       .enqueue = (void *)alone_enqueue,
	       .dispatch = (void *)alone_dispatch,
	       .init = (void *)alone_init,
	       .exit = (void *)alone_exit,
	       .timeout_ms = 30000,
	       .name = "alone");
