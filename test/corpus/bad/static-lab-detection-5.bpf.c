// expect: reject static static/lab-detection
// Counts CPUs once and spares small machines the long slices.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u32 cpus;

s32 BPF_STRUCT_OPS(counted_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(counted_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = cpus <= 4 ? 5 * NSEC_PER_MSEC : 800 * NSEC_PER_MSEC;

	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(counted_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(counted_init)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();

	cpus = bpf_cpumask_weight(online);
	scx_bpf_put_cpumask(online);
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(counted_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(counted_ops,
	       .select_cpu = (void *)counted_select_cpu,
	       .enqueue = (void *)counted_enqueue,
	       .dispatch = (void *)counted_dispatch,
	       .init = (void *)counted_init,
	       .exit = (void *)counted_exit,
	       .timeout_ms = 30000,
	       .name = "counted");
