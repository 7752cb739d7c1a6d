// expect: reject static static/storm
// Every tick kicks the next CPU to balance the load.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(tick_kicker_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(tick_kicker_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(tick_kicker_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(tick_kicker_tick, struct task_struct *p)
{
	u32 cpus = scx_bpf_nr_cpu_ids();
	s32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_kick_cpu((cpu + 1) % cpus, SCX_KICK_PREEMPT);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(tick_kicker_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(tick_kicker_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(tick_kicker_ops,
	       .select_cpu = (void *)tick_kicker_select_cpu,
	       .enqueue = (void *)tick_kicker_enqueue,
	       .dispatch = (void *)tick_kicker_dispatch,
	       .tick = (void *)tick_kicker_tick,
	       .init = (void *)tick_kicker_init,
	       .exit = (void *)tick_kicker_exit,
	       .timeout_ms = 30000,
	       .name = "tick_kicker");
