// expect: reject static static/absolute-time
// After an hour of uptime slices become long.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(after_an_hour_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(after_an_hour_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = 5 * NSEC_PER_MSEC;

	if (scx_bpf_now() > 3600 * NSEC_PER_SEC)
		slice = 500 * NSEC_PER_MSEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(after_an_hour_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(after_an_hour_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(after_an_hour_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(after_an_hour_ops,
	       .select_cpu = (void *)after_an_hour_select_cpu,
	       .enqueue = (void *)after_an_hour_enqueue,
	       .dispatch = (void *)after_an_hour_dispatch,
	       .init = (void *)after_an_hour_init,
	       .exit = (void *)after_an_hour_exit,
	       .timeout_ms = 30000,
	       .name = "after_an_hour");
