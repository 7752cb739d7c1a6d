// expect: reject static static/error-exit
// An assertion about the order of times that a suspended machine breaks.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 last;

s32 BPF_STRUCT_OPS(asserting_time_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(asserting_time_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(asserting_time_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 now = bpf_ktime_get_ns();

	if (now - last > 5 * NSEC_PER_SEC && last)
		scx_bpf_error("no dispatch for %llu ns", now - last);
	last = now;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(asserting_time_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(asserting_time_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(asserting_time_ops,
	       .select_cpu = (void *)asserting_time_select_cpu,
	       .enqueue = (void *)asserting_time_enqueue,
	       .dispatch = (void *)asserting_time_dispatch,
	       .init = (void *)asserting_time_init,
	       .exit = (void *)asserting_time_exit,
	       .timeout_ms = 30000,
	       .name = "asserting_time");
