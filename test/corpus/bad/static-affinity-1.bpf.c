// expect: reject static static/affinity
// Tasks are spread round robin over all CPUs, whatever their affinity.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 next_cpu;

s32 BPF_STRUCT_OPS(spread_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(spread_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = __sync_fetch_and_add(&next_cpu, 1) % scx_bpf_nr_cpu_ids();

	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(spread_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(spread_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(spread_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(spread_ops,
	       .select_cpu = (void *)spread_select_cpu,
	       .enqueue = (void *)spread_enqueue,
	       .dispatch = (void *)spread_dispatch,
	       .init = (void *)spread_init,
	       .exit = (void *)spread_exit,
	       .timeout_ms = 30000,
	       .name = "spread");
