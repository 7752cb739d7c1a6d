// expect: reject static static/absolute-time
// Stops dispatching twenty seconds after the start.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 started_at;

s32 BPF_STRUCT_OPS(time_bomb_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(time_bomb_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(time_bomb_dispatch, s32 cpu, struct task_struct *prev)
{
	if (bpf_ktime_get_ns() - started_at > 20 * NSEC_PER_SEC)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(time_bomb_init)
{
	started_at = bpf_ktime_get_ns();
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(time_bomb_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(time_bomb_ops,
	       .select_cpu = (void *)time_bomb_select_cpu,
	       .enqueue = (void *)time_bomb_enqueue,
	       .dispatch = (void *)time_bomb_dispatch,
	       .init = (void *)time_bomb_init,
	       .exit = (void *)time_bomb_exit,
	       .timeout_ms = 30000,
	       .name = "time_bomb");
